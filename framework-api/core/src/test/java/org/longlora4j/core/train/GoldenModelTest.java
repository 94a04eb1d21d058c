package org.longlora4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.DensePattern;
import org.longlora4j.core.model.ModelLoader;
import org.longlora4j.core.model.PatternAttention;
import org.longlora4j.core.model.RotaryTables;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.TensorReader;
import org.longlora4j.core.tensor.TorchServices;

/** Logits, losses and gradients against those of transformers. */
class GoldenModelTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static TorchServices services;
  private static ModelLoader loader;
  private static TensorReader reader;

  @BeforeAll
  static void start() {
    services = new TorchServices();
    loader = new ModelLoader(services);
    reader = new TensorReader(services.compiler());
  }

  @AfterAll
  static void stop() {
    services.close();
  }

  private static int[][] rows(TensorFile file, String tensor) {
    int[] flat = TensorReader.readIntegers(file, tensor);
    int length = (int) file.entries().get(tensor).shape().get(1);
    int[][] rows = new int[flat.length / length][length];
    for (int i = 0; i < flat.length; i++) {
      rows[i / length][i % length] = flat[i];
    }
    return rows;
  }

  private static PatternAttention dense(CausalLanguageModel model, RotaryTables tables, int rows) {
    int[] lengths = new int[rows];
    java.util.Arrays.fill(lengths, tables.length());
    return new PatternAttention(
        services.compiler(),
        model.config(),
        tables,
        new DensePattern(services.causalAttention()),
        tables.length(),
        lengths);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama",
        "llama-mha-tied",
        "mistral",
        "qwen2",
        "llama-linear",
        "llama-dynamic",
        "llama-yarn",
        "llama-llama3"
      })
  void logitsEqualThoseOfTransformers(String name) {
    try (Checkpoint checkpoint = Checkpoint.open(GOLDEN.resolve("models").resolve(name));
        TensorFile expected =
            SafetensorsFile.open(GOLDEN.resolve("expected").resolve(name + ".safetensors"));
        CausalLanguageModel model =
            loader.load(
                checkpoint, Composition.asItStands(checkpoint.config(), Precision.FLOAT32))) {
      int[][] tokens = rows(expected, "input_ids");
      RotaryTables tables = new RotaryTables(model.rotary(), tokens[0].length, model.manager());
      NDManager scope = model.manager().newSubManager();
      NDArray logits =
          Autograd.silent(
              () ->
                  model.logits(
                      model.hidden(
                          model.tokens(scope, tokens), dense(model, tables, tokens.length))));
      NDArray reference = reader.read(expected, "logits", Precision.FLOAT32, scope);
      assertThat(relative(logits, reference)).isLessThan(1e-4);
    }
  }

  /** max|a − b| / max|b|. */
  private static double relative(NDArray actual, NDArray expected) {
    try (NDArray difference = actual.sub(expected).abs();
        NDArray magnitude = expected.abs()) {
      return difference.max().getFloat() / magnitude.max().getFloat();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "llama, true", "llama, false",
    "llama-mha-tied, true", "llama-mha-tied, false",
    "mistral, true", "mistral, false",
    "qwen2, true", "qwen2, false",
    "llama-linear, true", "llama-linear, false",
    "llama-dynamic, true", "llama-dynamic, false",
    "llama-yarn, true", "llama-yarn, false",
    "llama-llama3, true", "llama-llama3, false",
  })
  void lossAndGradientsEqualThoseOfTransformersWithAndWithoutRecomputation(
      String name, boolean recompute) {
    try (Checkpoint checkpoint = Checkpoint.open(GOLDEN.resolve("models").resolve(name));
        TensorFile expected =
            SafetensorsFile.open(GOLDEN.resolve("expected").resolve(name + ".safetensors"));
        CausalLanguageModel model = loader.load(checkpoint, full(checkpoint))) {
      int[][] tokens = rows(expected, "input_ids");
      int[][] labels = rows(expected, "labels");
      MicroBatch unshifted = MicroBatch.ofRows(labels);
      MicroBatch batch = new MicroBatch(tokens, unshifted.labels(), unshifted.lengths());
      RotaryTables tables = new RotaryTables(model.rotary(), batch.length(), model.manager());

      double loss =
          new GradientPass(model, recompute, layer -> {})
              .run(batch, dense(model, tables, tokens.length), batch.counted());

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
                      relative(
                          Autograd.gradient(value),
                          reader.read(expected, "grad." + parameter, Precision.FLOAT32, scope))));
      long gradients =
          expected.entries().keySet().stream().filter(key -> key.startsWith("grad.")).count();
      assertThat((long) differences.size()).isEqualTo(gradients);
      assertThat(differences).allSatisfy((parameter, d) -> assertThat(d).isLessThan(1e-4));
    }
  }

  private static Composition full(Checkpoint checkpoint) {
    Composition frozen = Composition.asItStands(checkpoint.config(), Precision.FLOAT32);
    AdapterPlan all =
        new AdapterPlan(
            Map.of(),
            checkpoint.modules().stream().map(ModelModule::name).collect(Collectors.toSet()),
            Optional.empty());
    return new Composition(
        all, frozen.quantizer(), frozen.rotary(), frozen.precision(), Optional.empty(), 0, true);
  }
}
