package org.longlora4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.longlora4j.core.Golden.SERVICES;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.Golden;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.Kept;
import org.longlora4j.core.model.PatternAttention;
import org.longlora4j.core.model.RotaryCache;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.TensorReader;

/** Logits, losses and gradients against those of transformers. */
class GoldenModelTest {
  private static TensorReader reader;

  @BeforeAll
  static void start() {
    reader = new TensorReader(SERVICES.compiler());
  }

  private static PatternAttention dense(CausalLanguageModel model, RotaryCache rotary, int length) {
    int[] whole = {length};
    return Golden.dense(model, rotary, length, whole, whole);
  }

  static Stream<String> models() {
    return Stream.of(
        "llama",
        "llama-mha-tied",
        "mistral",
        "qwen2",
        "llama-linear",
        "llama-dynamic",
        "llama-yarn",
        "llama-llama3",
        "gpt-neox");
  }

  @ParameterizedTest
  @MethodSource("models")
  void logitsEqualThoseOfTransformers(String name) {
    try (TensorFile expected = Golden.expected(name);
        CausalLanguageModel model = Golden.frozen(Golden.model(name), Precision.FLOAT32)) {
      int[][] tokens = Golden.rows(expected, "input_ids");
      RotaryCache rotary = new RotaryCache(model.rotary(), model.manager());
      NDManager scope = model.manager().newSubManager();
      NDArray logits =
          Autograd.silent(
              () ->
                  model.logits(
                      model.hidden(
                          model.tokens(scope, tokens), dense(model, rotary, tokens[0].length))));
      NDArray reference = reader.read(expected, "logits", Precision.FLOAT32, scope);
      assertThat(Golden.relative(logits, reference)).isLessThan(1e-4);
    }
  }

  static Stream<Arguments> modelsWithEachWayToKeep() {
    return models()
        .flatMap(name -> Arrays.stream(Kept.values()).map(kept -> Arguments.of(name, kept)));
  }

  @ParameterizedTest
  @MethodSource("modelsWithEachWayToKeep")
  void lossAndGradientsEqualThoseOfTransformersWithAndWithoutRecomputation(String name, Kept kept) {
    try (TensorFile expected = Golden.expected(name);
        CausalLanguageModel model = Golden.full(Golden.model(name), Precision.FLOAT32)) {
      int[][] tokens = Golden.rows(expected, "input_ids");
      int[][] labels = Golden.rows(expected, "labels");
      MicroBatch unshifted = MicroBatch.ofRows(labels);
      MicroBatch batch = new MicroBatch(tokens, unshifted.labels(), unshifted.documents());
      RotaryCache rotary = new RotaryCache(model.rotary(), model.manager());

      double loss =
          new GradientPass(model, kept, layer -> {})
              .run(batch, dense(model, rotary, batch.length()), batch.counted());

      NDManager scope = model.manager().newSubManager();
      NDArray expectedLoss = reader.read(expected, "loss", Precision.FLOAT32, scope);
      assertThat(loss).isCloseTo(expectedLoss.getFloat(0), within(1e-5));
      Map<String, Double> differences = new HashMap<>();
      model
          .trained()
          .all()
          .forEach(
              (parameter, value) ->
                  differences.put(
                      parameter,
                      Golden.relative(
                          Autograd.gradient(value),
                          reader.read(expected, "grad." + parameter, Precision.FLOAT32, scope))));
      long gradients =
          expected.entries().keySet().stream().filter(key -> key.startsWith("grad.")).count();
      assertThat((long) differences.size()).isEqualTo(gradients);
      assertThat(differences).allSatisfy((parameter, d) -> assertThat(d).isLessThan(1e-4));
    }
  }
}
