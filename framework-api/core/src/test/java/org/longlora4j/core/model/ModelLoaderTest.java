package org.longlora4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.longlora4j.core.Golden.SERVICES;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.FrozenProjection;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ProjectionAdapter;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.Golden;

class ModelLoaderTest {
  private static final String QUERY = "model.layers.0.self_attn.q_proj";
  private static final Optional<Map<String, Object>> CONFIG = Optional.of(Map.of());

  /** Has a parameter {@code scale} of shape (2), and draws what it is told to. */
  private record Drawing(Map<String, Shape> drawn) implements ProjectionAdapter {
    @Override
    public Map<String, Shape> parameters() {
      return Map.of("scale", new Shape(2));
    }

    @Override
    public Map<String, NDArray> initialize(
        FrozenProjection frozen, RandomGenerator random, NDManager owner) {
      Map<String, NDArray> parameters = new HashMap<>();
      drawn.forEach((name, shape) -> parameters.put(name, owner.ones(shape)));
      return parameters;
    }

    @Override
    public NDArray apply(
        NDArray input, FrozenProjection frozen, Map<String, NDArray> parameters, boolean training) {
      throw new UnsupportedOperationException();
    }

    @Override
    public NDArray merge(NDArray weight, Map<String, NDArray> parameters) {
      throw new UnsupportedOperationException();
    }
  }

  /** Takes nothing, and notes what it was asked about. */
  private record Asked(Set<ModelModule> modules) implements WeightQuantizer {
    @Override
    public boolean quantizes(ModelModule module) {
      modules.add(module);
      return false;
    }

    @Override
    public QuantizedWeight quantize(ModelModule module, NDArray weight, NDManager owner) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long storedBytes(ModelModule module) {
      throw new UnsupportedOperationException();
    }
  }

  private static AdapterPlan wrapping(String module) {
    return new AdapterPlan(
        Map.of(module, new Drawing(Map.of("scale", new Shape(2)))), Set.of(), CONFIG);
  }

  private static CausalLanguageModel load(
      String model, AdapterPlan plan, WeightQuantizer quantizer) {
    try (Checkpoint checkpoint = Checkpoint.open(Golden.model(model))) {
      return new ModelLoader(SERVICES)
          .load(
              checkpoint,
              new Composition(
                  plan,
                  quantizer,
                  checkpoint.config().rotary(),
                  Precision.FLOAT32,
                  Optional.empty(),
                  0,
                  true));
    }
  }

  private static void assertRefused(String model, AdapterPlan plan, String message) {
    assertThatThrownBy(() -> load(model, plan, new Composition.Unquantized()).close())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(message);
  }

  static Stream<Arguments> misfits() {
    Drawing adapter = new Drawing(Map.of());
    return Stream.of(
        Arguments.of(wrapping("q_proj"), "q_proj is no module of this model"),
        Arguments.of(
            new AdapterPlan(Map.of(), Set.of("lm_head", "model.norm"), CONFIG),
            "lm_head is no module of this model"),
        Arguments.of(
            wrapping("model.norm"),
            "model.norm is wrapped, but its kind is NORM: only a PROJECTION can be"),
        Arguments.of(
            wrapping("model.embed_tokens"),
            "model.embed_tokens is wrapped, but its kind is EMBEDDING: only a PROJECTION can be"),
        Arguments.of(
            new AdapterPlan(Map.of(QUERY, adapter), Set.of(QUERY, "other"), CONFIG),
            QUERY
                + " is both wrapped and trained, must be one of the two; other is no module of"
                + " this model"),
        Arguments.of(
            new AdapterPlan(Map.of(QUERY, adapter), Set.of(), Optional.empty()),
            "projections are wrapped, but there is no config to save them with"));
  }

  @ParameterizedTest
  @MethodSource("misfits")
  void aPlanThatDoesNotFitItsModelIsRefused(AdapterPlan plan, String broken) {
    assertRefused("llama-mha-tied", plan, "the adapter's plan does not fit the model: " + broken);
  }

  static Stream<Arguments> otherParameters() {
    return Stream.of(
        Arguments.of(Map.of(), "initialized the parameters [], must be [scale]"),
        Arguments.of(
            Map.of("shift", new Shape(2)), "initialized the parameters [shift], must be [scale]"),
        Arguments.of(
            Map.of("scale", new Shape(3)),
            "initialized scale as float32 of the shape (3), must be float32 of (2)"));
  }

  @ParameterizedTest
  @MethodSource("otherParameters")
  void anAdapterThatDrawsOtherParametersThanItHasIsRefused(
      Map<String, Shape> drawn, String message) {
    assertRefused(
        "llama",
        new AdapterPlan(Map.of(QUERY, new Drawing(drawn)), Set.of(), CONFIG),
        QUERY + ": the adapter " + message);
  }

  @Test
  void anAdapterThatKeepsItsWordIsLoaded() {
    try (CausalLanguageModel model =
        load("llama", wrapping(QUERY), new Composition.Unquantized())) {
      assertThat(model.trained().all()).containsOnlyKeys(QUERY + ".scale");
    }
  }

  @Test
  void aQuantizerIsAskedAboutFrozenProjectionsOnly() {
    Set<ModelModule> asked = new HashSet<>();
    AdapterPlan plan = new AdapterPlan(Map.of(), Set.of(QUERY, "model.norm"), CONFIG);
    load("llama", plan, new Asked(asked)).close();
    try (Checkpoint checkpoint = Checkpoint.open(Golden.model("llama"))) {
      assertThat(asked)
          .hasSize(3 * 7 - 1)
          .isEqualTo(
              checkpoint.modules().stream()
                  .filter(module -> module.kind() == ModelModule.Kind.PROJECTION)
                  .filter(module -> !module.name().equals(QUERY))
                  .collect(Collectors.toSet()));
    }
  }
}
