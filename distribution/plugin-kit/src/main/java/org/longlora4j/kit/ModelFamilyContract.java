package org.longlora4j.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.longlora4j.kit.KitKernels.KERNELS;
import static org.longlora4j.kit.KitKernels.SERVICES;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.model.LayerProjections;
import org.longlora4j.api.model.ModelFamily;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.position.LinearScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.TensorCensus;
import org.longlora4j.core.model.CachedSequence;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.DenseForward;
import org.longlora4j.core.model.DensePattern;
import org.longlora4j.core.model.Kept;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.model.ModelFamilies;
import org.longlora4j.core.model.ModelLoader;
import org.longlora4j.core.model.PatternAttention;
import org.longlora4j.core.model.Purpose;
import org.longlora4j.core.model.QuantizedFormats;
import org.longlora4j.core.model.RotaryCache;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.train.GradientPass;
import org.longlora4j.core.train.MicroBatch;

/**
 * What every family of models promises, asked about a small model of it with random weights.
 *
 * <p>That the model computes what its authors meant no contract can know: compare the logits with
 * those of transformers, as {@code longlora verify} does.
 */
public abstract class ModelFamilyContract {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LENGTH = 12;

  @TempDir Path scratch;

  private ExtensionRegistry registry;
  private Path model;

  /** Checks families. */
  protected ModelFamilyContract() {}

  /**
   * The config.json of a model that is small enough to be trained within a test: two layers, a
   * width of 32 or so. Its vocabulary must have {@link #vocabulary()} tokens.
   */
  protected abstract String config();

  /** How many tokens the kit's tokenizer has. */
  protected static int vocabulary() {
    return TinyModel.VOCABULARY;
  }

  /**
   * Keys of config.json with values that the family must refuse; none unless overridden. That the
   * keys of {@link #required} are there is tried without being named here.
   */
  protected Map<String, Object> mistakes() {
    return Map.of();
  }

  /** The keys without which no model can be told; those of Llama unless overridden. */
  protected List<String> required() {
    return List.of(
        "hidden_size",
        "intermediate_size",
        "num_hidden_layers",
        "num_attention_heads",
        "max_position_embeddings",
        "vocab_size");
  }

  @BeforeEach
  final void writeModel() throws IOException {
    registry = ExtensionContract.registry(getClass().getClassLoader());
    model = TinyModel.writeTo(scratch.resolve("model"), json(keys()), families());
  }

  private ModelFamilies families() {
    return new ModelFamilies(registry);
  }

  private Map<String, Object> keys() {
    try {
      Map<String, Object> keys =
          JSON.readValue(config(), new TypeReference<LinkedHashMap<String, Object>>() {});
      keys.putIfAbsent("eos_token_id", TinyModel.END);
      return keys;
    } catch (JsonProcessingException e) {
      throw new AssertionError("config() is not JSON: " + e.getMessage(), e);
    }
  }

  private static String json(Map<String, Object> keys) throws IOException {
    return JSON.writeValueAsString(keys);
  }

  private CausalLanguageModel frozen(Precision precision) {
    return load(config -> Composition.asItStands(config, precision));
  }

  /** Some of its modules train, in float32. */
  private CausalLanguageModel training(Predicate<ModelModule> trained) {
    return load(
        config -> {
          Composition frozen = Composition.asItStands(config, Precision.FLOAT32);
          AdapterPlan plan =
              new AdapterPlan(
                  Map.of(),
                  config.modules().stream()
                      .filter(trained)
                      .map(ModelModule::name)
                      .collect(Collectors.toSet()),
                  Optional.empty());
          return new Composition(
              plan,
              frozen.quantizer(),
              frozen.rotary(),
              frozen.precision(),
              frozen.saved(),
              0,
              true);
        });
  }

  private CausalLanguageModel load(Function<ModelConfig, Composition> composition) {
    try (Checkpoint checkpoint = Checkpoint.open(model, families(), QuantizedFormats.NONE)) {
      return new ModelLoader(SERVICES).load(checkpoint, composition.apply(checkpoint.config()));
    }
  }

  private static int[][] tokens(int rows, int length) {
    Random random = new Random(5);
    int[][] tokens = new int[rows][];
    Arrays.setAll(tokens, i -> random.ints(length, 0, vocabulary()).toArray());
    return tokens;
  }

  private static PatternAttention attention(
      CausalLanguageModel model, RotaryCache rotary, int rows, int length) {
    int[][] whole = new int[rows][];
    Arrays.setAll(whole, i -> new int[] {length});
    return new PatternAttention(
        SERVICES,
        model.config(),
        rotary,
        new DensePattern(SERVICES.causalAttention()),
        length,
        length,
        whole);
  }

  /** The logits of all positions of rows. */
  private static float[] logits(CausalLanguageModel model, int[][] rows) {
    try (DenseForward forward = new DenseForward(model, SERVICES)) {
      return forward.run(rows, hidden -> model.logits(hidden).toFloatArray());
    }
  }

  @Test
  void itIsFoundByTheModelTypeOfItsConfig() {
    String type = String.valueOf(keys().get("model_type"));
    assertThat(registry.names(ModelFamily.class))
        .as(
            "The names that are bound as model family. Is the plugin's class listed in"
                + " META-INF/services, and does it bind the model_type with hyphens for"
                + " underscores?")
        .contains(type.replace('_', '-'));
  }

  @Test
  void everyKeyThatIsMissingIsNamedAndAllAtOnce() {
    Map<String, Object> keys = keys();
    required().forEach(keys::remove);
    assertThatThrownBy(() -> ModelConfig.of(keys, Path.of("config.json"), "model", families()))
        .as("what is said of a config.json without " + required())
        .isInstanceOf(InvalidInputException.class)
        .satisfies(
            refused ->
                required()
                    .forEach(key -> assertThat(refused).hasMessageContaining(key + ": missing")));
  }

  @Test
  void everyMistakeIsRefusedByItsKey() {
    mistakes()
        .forEach(
            (key, value) -> {
              Map<String, Object> keys = keys();
              keys.put(key, value);
              assertThatThrownBy(
                      () -> ModelConfig.of(keys, Path.of("config.json"), "model", families()))
                  .as("what is said of %s: %s", key, value)
                  .isInstanceOf(InvalidInputException.class)
                  .hasMessageContaining(key + ": is ");
            });
  }

  @Test
  void everyProjectionOfALayerIsToldByWhatItReads() {
    ModelConfig config = ModelConfig.read(model, families());
    LayerProjections told = config.decoder().projections();
    List<String> all = new ArrayList<>(told.attentionInput());
    all.add(told.attentionOutput());
    all.addAll(told.mlpInput());
    all.add(told.mlpOutput());
    assertThat(
            config.modules().stream()
                .filter(module -> module.kind() == ModelModule.Kind.PROJECTION)
                .map(ModelModule::shortName)
                .distinct())
        .as("the projections among modules(), against projections()")
        .containsExactlyInAnyOrderElementsOf(all);
  }

  @Test
  void aLayerKeepsTheShapeAndTheOwnerAndLeavesNothingElse() {
    try (CausalLanguageModel loaded = frozen(Precision.FLOAT32);
        RotaryCache rotary = new RotaryCache(loaded.rotary(), loaded.manager());
        NDManager scope = loaded.manager().newSubManager()) {
      PatternAttention attention = attention(loaded, rotary, 2, LENGTH);
      NDArray hidden = loaded.embed(loaded.tokens(scope, tokens(2, LENGTH)));
      for (int i = 0; i < loaded.layers(); i++) {
        loaded.layer(i, hidden, attention, Purpose.INFERENCE).close(); // tables are made once
        long before = TensorCensus.of(loaded.manager());
        NDArray next = loaded.layer(i, hidden, attention, Purpose.INFERENCE);
        assertThat(next.getShape()).as("the shape of layer %d", i).isEqualTo(hidden.getShape());
        assertThat(next.getManager()).as("the owner of layer %d's result", i).isSameAs(scope);
        assertThat(TensorCensus.of(loaded.manager()))
            .as("tensors alive after layer %d, of which its result is one", i)
            .isEqualTo(before + 1);
      }
      long before = TensorCensus.of(loaded.manager());
      loaded.logits(hidden);
      assertThat(TensorCensus.of(loaded.manager()))
          .as("tensors alive after the logits, which are one")
          .isEqualTo(before + 1);
    }
  }

  /** Of more positions than an MLP takes at once, a piece ends in the middle of a row. */
  @Test
  void anMlpSeesEachPositionByItself() {
    int all = 7000 / LENGTH;
    try (CausalLanguageModel loaded = frozen(Precision.FLOAT32);
        RotaryCache rotary = new RotaryCache(loaded.rotary(), loaded.manager());
        NDManager scope = loaded.manager().newSubManager()) {
      NDArray hidden = loaded.embed(loaded.tokens(scope, tokens(all, LENGTH)));
      NDArray inPieces =
          loaded.layer(0, hidden, attention(loaded, rotary, all, LENGTH), Purpose.INFERENCE);
      for (int begin = 0; begin < all; begin += all / 3) {
        int end = Math.min(all, begin + all / 3);
        String rows = begin + ":" + end;
        NDArray atOnce =
            loaded.layer(
                0,
                hidden.get(rows),
                attention(loaded, rotary, end - begin, LENGTH),
                Purpose.INFERENCE);
        Drawn.assertNear(
            "the MLP in pieces, against the MLP of whole rows",
            inPieces.get(rows).toFloatArray(),
            atOnce.toFloatArray(),
            1e-5);
      }
    }
  }

  /** What is frozen may be left out when a layer runs again. */
  @Test
  void aLayerThatRunsAgainHasTheSameGradients() {
    try (CausalLanguageModel loaded =
            training(module -> module.kind() != ModelModule.Kind.PROJECTION);
        RotaryCache rotary = new RotaryCache(loaded.rotary(), loaded.manager())) {
      Map<String, float[]> expected = gradients(loaded, rotary, Kept.ACTIVATIONS);
      gradients(loaded, rotary, Kept.INPUT)
          .forEach(
              (name, gradient) ->
                  Drawn.assertNear(
                      "the gradient of "
                          + name
                          + " when layers run again, against those that keep their activations",
                      gradient,
                      expected.get(name),
                      1e-5));
    }
  }

  private static Map<String, float[]> gradients(
      CausalLanguageModel model, RotaryCache rotary, Kept kept) {
    MicroBatch batch = MicroBatch.ofRows(tokens(2, LENGTH));
    new GradientPass(model, kept, layer -> {}).run(batch, attention(model, rotary, 2, LENGTH), 1);
    return model.trained().takeGradients();
  }

  @Test
  void noPositionSeesALaterOne() {
    try (CausalLanguageModel loaded = frozen(Precision.FLOAT32)) {
      int[][] tokens = tokens(1, LENGTH);
      float[] before = logits(loaded, tokens);
      int seen = LENGTH / 2;
      tokens[0][seen] = (tokens[0][seen] + 1) % vocabulary();
      float[] after = logits(loaded, tokens);
      Drawn.assertNear(
          "the logits of positions before one that changed",
          Arrays.copyOf(after, seen * vocabulary()),
          Arrays.copyOf(before, seen * vocabulary()),
          1e-5);
      assertThat(Arrays.copyOfRange(after, seen * vocabulary(), after.length))
          .as("the logits of the position that changed and those behind it")
          .isNotEqualTo(Arrays.copyOfRange(before, seen * vocabulary(), before.length));
    }
  }

  @Test
  void orderMatters() {
    try (CausalLanguageModel loaded = frozen(Precision.FLOAT32)) {
      int[][] tokens = tokens(1, LENGTH);
      float[] before = last(logits(loaded, tokens));
      int first = tokens[0][0];
      tokens[0][0] = tokens[0][3];
      tokens[0][3] = first;
      assertThat(last(logits(loaded, tokens)))
          .as("the last logits after two earlier tokens changed places")
          .isNotEqualTo(before);
    }
  }

  private static float[] last(float[] logits) {
    return Arrays.copyOfRange(logits, logits.length - vocabulary(), logits.length);
  }

  @Test
  void rowsOfABatchDoNotSeeEachOther() {
    try (CausalLanguageModel loaded = frozen(Precision.FLOAT32)) {
      int[][] tokens = tokens(3, LENGTH);
      float[] together = logits(loaded, tokens);
      int size = LENGTH * vocabulary();
      for (int row = 0; row < 3; row++) {
        Drawn.assertNear(
            "row " + row + " of a batch, against the row alone",
            Arrays.copyOfRange(together, row * size, (row + 1) * size),
            logits(loaded, new int[][] {tokens[row]}),
            1e-4);
      }
    }
  }

  @Test
  void aSequenceThatGrowsGivesWhatTheWholeOneGives() {
    try (CausalLanguageModel loaded = frozen(Precision.FLOAT32);
        CachedSequence sequence = CachedSequence.dense(loaded, SERVICES)) {
      int[] tokens = tokens(1, LENGTH)[0];
      int at = 0;
      for (int end : new int[] {1, 4, 5, LENGTH}) {
        Drawn.assertNear(
            "the scores behind %d tokens with a cache of keys and values".formatted(end),
            sequence.scoresAfter(Arrays.copyOfRange(tokens, at, end)),
            last(logits(loaded, new int[][] {Arrays.copyOf(tokens, end)})),
            1e-4);
        at = end;
      }
    }
  }

  @Test
  void bfloat16DiffersByItsRoundingAlone() {
    int[][] tokens = tokens(2, LENGTH);
    try (CausalLanguageModel exact = frozen(Precision.FLOAT32);
        CausalLanguageModel rounded = frozen(Precision.BFLOAT16);
        RotaryCache rotary = new RotaryCache(rounded.rotary(), rounded.manager());
        NDManager scope = rounded.manager().newSubManager()) {
      NDArray hidden =
          rounded.hidden(rounded.tokens(scope, tokens), attention(rounded, rotary, 2, LENGTH));
      assertThat(hidden.getDataType())
          .as("the number format of hidden states under bfloat16, which DJL does not know")
          .isEqualTo(KERNELS.asBfloat16(scope, scope.ones(new Shape(1))).getDataType());
      Drawn.assertNear(
          "the logits in bfloat16, against float32",
          rounded.logits(hidden).toFloatArray(),
          logits(exact, tokens),
          0.05);
    }
  }

  @Test
  void theGradientOfEveryWeightIsTheSlopeOfTheLogits() {
    try (CausalLanguageModel loaded = training(module -> true);
        RotaryCache rotary = new RotaryCache(loaded.rotary(), loaded.manager())) {
      new WeightSlopes(loaded, attention(loaded, rotary, 2, 5), tokens(2, 5)).assertAreGradients();
    }
  }

  @Test
  void anExtendedModelsConfigReadsBackToTheSameEmbedding() throws IOException {
    ModelConfig config = ModelConfig.read(model, families());
    ModelConfig extended =
        config.extended(new LinearScaling(2), 2 * config.rotary().originalLength());
    Path directory = Files.createDirectories(scratch.resolve("extended"));
    Files.writeString(directory.resolve("config.json"), extended.json().toString());
    ModelConfig read = ModelConfig.read(directory, families());
    RotaryEmbedding expected = config.rotary().withScaling(new LinearScaling(2));
    assertThat(read.rotary())
        .as("what the config.json of an extended model says")
        .isEqualTo(expected);
    assertThat(read.maxPositions()).isEqualTo(2 * config.rotary().originalLength());
    assertThat(read.decoder().shape()).isEqualTo(extended.decoder().shape());
  }

  @Test
  void aRunRepeatsAndResumesExactlyAndRecomputationChangesNothing() throws IOException {
    TinyRun run = new TinyRun(scratch, registry, model);
    List<Double> losses = run.losses("first", Map.of());
    assertThat(losses).hasSize(TinyRun.STEPS).allMatch(Double::isFinite);
    assertThat(run.losses("again", Map.of()))
        .as("the losses of the same run, taken again")
        .isEqualTo(losses);
    assertThat(run.lossesWithAStop("resumed", Map.of()))
        .as("the losses of the same run, stopped after half of its steps and resumed")
        .isEqualTo(losses);
    float[] kept = toFloats(run.losses("kept", Map.of("training.recompute", "false")));
    Drawn.assertNear(
        "the losses of the same run whose layers do not run again", kept, toFloats(losses), 1e-5);
  }

  private static float[] toFloats(List<Double> numbers) {
    float[] floats = new float[numbers.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = numbers.get(i).floatValue();
    }
    return floats;
  }
}
