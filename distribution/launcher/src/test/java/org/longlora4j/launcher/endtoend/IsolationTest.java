package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.ModelLoader;
import org.longlora4j.core.model.PatternAttention;
import org.longlora4j.core.model.RotaryCache;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.RecipeLibrary;
import org.longlora4j.core.recipe.RecipeReader;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.TorchServices;

/** A document that is packed between others is read as if it stood alone, under every pattern. */
class IsolationTest {
  private static final int CONTEXT = 128;

  /** Two rows: several documents and padding, and one document that fills its row. */
  private static final int[][] DOCUMENTS = {{37, 1, 70}, {CONTEXT}};

  private static TorchServices services;
  private static ExtensionRegistry registry;

  @BeforeAll
  static void start() {
    services = new TorchServices();
    registry = ExtensionRegistry.onClassPath(IsolationTest.class.getClassLoader());
  }

  @AfterAll
  static void stop() {
    services.close();
  }

  static Stream<Arguments> patterns() {
    return Stream.of(
            "dense",
            "{use: s2-attn, group-ratio: 0.25}",
            "{use: s2-attn, group-size: 48}",
            "{use: s2-attn, variant: rolled}",
            "{use: s2-attn, variant: across-layers}",
            "local",
            "dilated",
            "strided")
        .flatMap(
            pattern ->
                Stream.of("llama", "llama-mha-tied", "llama-linear")
                    .map(model -> Arguments.of(pattern, model)));
  }

  @ParameterizedTest
  @MethodSource("patterns")
  void theLogitsOfAPackedDocumentAreThoseOfTheDocumentAlone(String pattern, String name) {
    try (CausalLanguageModel model = load(name, Precision.FLOAT32)) {
      assertIsolated(model, pattern, 1e-5);
    }
  }

  /** The same numbers in another order of memory may round apart in their last bit of eight. */
  @ParameterizedTest
  @MethodSource("patterns")
  void theyAreInBfloat16Too(String pattern, String name) {
    try (CausalLanguageModel model = load(name, Precision.BFLOAT16)) {
      assertIsolated(model, pattern, 0.05);
    }
  }

  private static void assertIsolated(CausalLanguageModel model, String pattern, double tolerance) {
    int[][] tokens = new int[2][CONTEXT];
    for (int row = 0; row < tokens.length; row++) {
      int shift = 5 * row;
      Arrays.setAll(tokens[row], i -> (i * i + 3 * i + shift) % model.config().vocabularySize());
    }
    float[][] packed = logits(model, pattern, tokens, DOCUMENTS);
    for (int row = 0; row < tokens.length; row++) {
      int begin = 0;
      for (int length : DOCUMENTS[row]) {
        int[] document = Arrays.copyOfRange(tokens[row], begin, begin + length);
        float[][] alone = logits(model, pattern, new int[][] {document}, new int[][] {{length}});
        for (int i = 0; i < length; i++) {
          assertThat(packed[row * CONTEXT + begin + i])
              .as("row %d, token %d", row, begin + i)
              .containsExactly(alone[i], offset((float) tolerance));
        }
        begin += length;
      }
    }
  }

  private static CausalLanguageModel load(String name, Precision precision) {
    try (Checkpoint checkpoint = Checkpoint.open(CommandRun.golden().resolve("models/" + name))) {
      return new ModelLoader(services)
          .load(checkpoint, Composition.asItStands(checkpoint.config(), precision));
    }
  }

  /** Those of every position, rows one after another. */
  private static float[][] logits(
      CausalLanguageModel model, String pattern, int[][] tokens, int[][] documents) {
    AttentionPattern attention =
        registry.create(
            new RecipeReader(registry, RecipeLibrary.empty())
                .choose(AttentionPattern.class, pattern, Path.of(".")),
            services);
    int length = tokens[0].length;
    try (RotaryCache rotary = new RotaryCache(model.rotary(), model.manager())) {
      PatternAttention layers =
          new PatternAttention(
              services, model.config(), rotary, attention, CONTEXT, length, documents);
      return Autograd.silent(
          () -> {
            try (NDManager scope = model.manager().newSubManager()) {
              NDArray hidden = model.hidden(model.tokens(scope, tokens), layers);
              int positions = tokens.length * length;
              float[] all =
                  model.logits(model.positions(scope, hidden, 0, positions)).toFloatArray();
              int width = all.length / positions;
              return IntStream.range(0, positions)
                  .mapToObj(i -> Arrays.copyOfRange(all, i * width, (i + 1) * width))
                  .toArray(float[][]::new);
            }
          });
    }
  }
}
