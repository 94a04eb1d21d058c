package org.longlora4j.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.longlora4j.kit.KitKernels.KERNELS;
import static org.longlora4j.kit.KitKernels.SERVICES;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.adapter.AdapterFormat;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ProjectionAdapter;
import org.longlora4j.api.plugin.NoOptions;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.core.TensorCensus;
import org.longlora4j.core.model.PlanRules;
import org.longlora4j.core.plugin.Choice;
import org.longlora4j.core.tensor.Autograd;

/**
 * What every adapter strategy promises.
 *
 * <p>It plans for a Llama of two layers; each kind of projection that it wraps is tried, with and
 * without a bias. A strategy that wraps nothing has only its plan and its run to show.
 */
public abstract class AdapterStrategyContract extends ExtensionContract<AdapterStrategy> {
  /** Checks strategies. */
  protected AdapterStrategyContract() {
    super(AdapterStrategy.class);
  }

  /** Whether a new adapter leaves the projection's output as it was; it does unless overridden. */
  protected boolean beginsWithoutEffect() {
    return true;
  }

  /**
   * Whether gradients are the slopes of the output; they are unless overridden. Where a method
   * takes something for constant that is not, they need only be there and be finite.
   */
  protected boolean exactGradients() {
    return true;
  }

  /**
   * Whether {@link AdapterStrategy#continueFrom} goes on with what was saved; it does, where there
   * is something to save, unless overridden. If not, it must report {@code start-from}.
   */
  protected boolean continues() {
    return plan(extension()).config().isPresent();
  }

  @Override
  final Map<String, String> recipe(String section) {
    return Map.of("adapter", section);
  }

  @Override
  final List<String> complaints(AdapterStrategy strategy) {
    List<String> lines = new ArrayList<>();
    strategy.plan(modules(), (key, message) -> lines.add(key + ": " + message));
    return lines;
  }

  private List<ModelModule> modules() {
    return TinyModel.modules(folder());
  }

  private AdapterPlan plan(AdapterStrategy strategy) {
    List<String> lines = new ArrayList<>();
    AdapterPlan plan = strategy.plan(modules(), (key, message) -> lines.add(key + ": " + message));
    assertThat(lines).as("what plan() says against a Llama").isEmpty();
    return PlanRules.require(plan, modules());
  }

  /** One wrapped projection of each shape. */
  private Map<ModelModule, ProjectionAdapter> wrapped(AdapterPlan plan) {
    Map<Shape, ModelModule> kinds = new LinkedHashMap<>();
    modules().stream()
        .filter(module -> plan.projections().containsKey(module.name()))
        .forEach(module -> kinds.putIfAbsent(module.weight(), module));
    Map<ModelModule, ProjectionAdapter> wrapped = new LinkedHashMap<>();
    kinds.values().forEach(module -> wrapped.put(module, plan.projections().get(module.name())));
    return wrapped;
  }

  /** Something to try with an adapter and a projection that it wraps. */
  @FunctionalInterface
  private interface Trial {
    void accept(ProjectionAdapter adapter, KitProjection frozen, NDManager owner, String what);
  }

  private void tryEach(Trial trial) {
    wrapped(plan(extension()))
        .forEach(
            (module, adapter) -> {
              for (boolean bias : new boolean[] {false, true}) {
                try (NDManager owner = SERVICES.engine().newManager()) {
                  Drawn drawn = new Drawn(2);
                  KitProjection frozen =
                      new KitProjection(
                          drawn.normal(owner, module.weight(), 0.2),
                          bias
                              ? Optional.of(drawn.normal(owner, module.weight().slice(0, 1), 1))
                              : Optional.empty());
                  String what = module.shortName() + (bias ? " with" : " without") + " a bias";
                  trial.accept(adapter, frozen, owner, what);
                }
              }
            });
  }

  private static Map<String, NDArray> drawn(ProjectionAdapter adapter, NDManager owner) {
    Drawn drawn = new Drawn(3);
    Map<String, NDArray> parameters = new LinkedHashMap<>();
    adapter
        .parameters()
        .forEach((name, shape) -> parameters.put(name, drawn.normal(owner, shape, 0.3)));
    return parameters;
  }

  private static NDArray input(KitProjection frozen, NDManager owner, int batch, int length) {
    long features = frozen.weight().getShape().get(1);
    return new Drawn(4).normal(owner, new Shape(batch, length, features), 1);
  }

  @Test
  void thePlanFitsTheModelTrainsSomethingAndIsTheSameEveryTime() {
    AdapterPlan plan = plan(extension());
    AdapterPlan again = plan(extension());
    assertThat(plan.trained().size() + plan.projections().size())
        .as("how many modules train or are wrapped")
        .isPositive();
    assertThat(again.trained()).isEqualTo(plan.trained());
    assertThat(again.projections().keySet()).isEqualTo(plan.projections().keySet());
    assertThat(again.config()).isEqualTo(plan.config());
  }

  @Test
  void aNewAdapterHasTheParametersItSaysDrawnFromTheGivenRandomness() {
    tryEach(
        (adapter, frozen, owner, what) -> {
          try (NDManager scope = owner.newSubManager()) {
            Map<String, NDArray> first = adapter.initialize(frozen, new Random(7), scope);
            Map<String, NDArray> again = adapter.initialize(frozen, new Random(7), scope);
            assertThat(first).as("parameters of " + what).hasSameSizeAs(adapter.parameters());
            adapter
                .parameters()
                .forEach(
                    (name, shape) -> {
                      String parameter = name + " of " + what;
                      assertThat(first).as(parameter).containsKey(name);
                      NDArray value = first.get(name);
                      assertThat(value.getShape()).as(parameter).isEqualTo(shape);
                      assertThat(value.getDataType()).as(parameter).isEqualTo(DataType.FLOAT32);
                      assertThat(value.getManager()).as("owner of " + parameter).isSameAs(scope);
                      assertThat(again.get(name).toFloatArray())
                          .as("%s, drawn twice by one seed", parameter)
                          .isEqualTo(value.toFloatArray());
                    });
            assertThat(TensorCensus.of(scope))
                .as("tensors that initialize() left with the owner, for " + what)
                .isEqualTo(2L * first.size());
          }
        });
  }

  @Test
  void aNewAdapterChangesNothingUnlessThatIsDeclared() {
    if (!beginsWithoutEffect()) {
      return;
    }
    tryEach(
        (adapter, frozen, owner, what) -> {
          Map<String, NDArray> parameters = adapter.initialize(frozen, new Random(7), owner);
          NDArray x = input(frozen, owner, 1, 5);
          Drawn.assertNear(
              "the output of " + what + " under a new adapter, against the frozen one",
              adapter.apply(x, frozen, parameters, false).toFloatArray(),
              frozen.apply(x).toFloatArray(),
              1e-5);
        });
  }

  @Test
  void theResultHasItsShapeAndTheInputsOwnerAndIsAllThatIsLeft() {
    tryEach(
        (adapter, frozen, owner, what) -> {
          Map<String, NDArray> parameters = drawn(adapter, owner);
          for (int length : new int[] {1, 7}) {
            try (NDManager scope = owner.newSubManager()) {
              NDArray x = input(frozen, scope, 2, length);
              long before = TensorCensus.of(owner);
              NDArray y = adapter.apply(x, frozen, parameters, true);
              long features = frozen.weight().getShape().get(0);
              assertThat(y.getShape()).as(what).isEqualTo(new Shape(2, length, features));
              assertThat(adapter.keptElements(2L * length))
                  .as("keptElements() of %d tokens of %s", 2 * length, what)
                  .isNotNegative();
              assertThat(y.getManager()).as("the owner of the result of " + what).isSameAs(scope);
              assertThat(TensorCensus.of(owner))
                  .as("tensors alive after a call, of which the result is one, of " + what)
                  .isEqualTo(before + 1);
            }
          }
          long before = TensorCensus.of(owner);
          float[] weight = frozen.weight().toFloatArray();
          NDArray merged = adapter.merge(frozen.weight(), parameters);
          assertThat(merged.getManager()).as("the merged weight's owner").isSameAs(owner);
          assertThat(TensorCensus.of(owner))
              .as("tensors alive after merge(), of which the result is one, of " + what)
              .isEqualTo(before + 1);
          assertThat(frozen.weight().toFloatArray())
              .as("the frozen weight after merge()")
              .isEqualTo(weight);
        });
  }

  @Test
  void theMergedWeightDoesAloneWhatAdapterAndWeightDoTogether() {
    tryEach(
        (adapter, frozen, owner, what) -> {
          Map<String, NDArray> parameters = drawn(adapter, owner);
          NDArray x = input(frozen, owner, 2, 5);
          NDArray merged = adapter.merge(frozen.weight(), parameters);
          Drawn.assertNear(
              "the output of " + what + ", merged, against adapter and weight",
              new KitProjection(merged, frozen.bias()).apply(x).toFloatArray(),
              adapter.apply(x, frozen, parameters, false).toFloatArray(),
              1e-4);
        });
  }

  @Test
  void gradientsReachTheInputAndEveryParameter() {
    tryEach(
        (adapter, frozen, owner, what) -> {
          Map<String, Gradients.Input> inputs = new LinkedHashMap<>();
          Drawn drawn = new Drawn(9);
          long features = frozen.weight().getShape().get(1);
          inputs.put("input", Gradients.Input.of(new Shape(1, 3, features), drawn, 1));
          adapter
              .parameters()
              .forEach((name, shape) -> inputs.put(name, Gradients.Input.of(shape, drawn, 0.3)));
          Gradients gradients =
              new Gradients(
                  leaves -> {
                    Map<String, NDArray> parameters = new LinkedHashMap<>(leaves);
                    NDArray x = parameters.remove("input");
                    return adapter.apply(x, frozen, parameters, false);
                  });
          if (exactGradients()) {
            gradients.assertAreSlopes(inputs);
          }
          gradients
              .backward(inputs)
              .forEach(
                  (name, gradient) -> {
                    for (float number : gradient) {
                      assertThat(number).as("the gradient of " + name).isFinite();
                    }
                    assertThat(gradient)
                        .as("the gradient of " + name)
                        .isNotEqualTo(new float[gradient.length]);
                  });
        });
  }

  @Test
  void aLayerThatRunsAgainGivesTheSameBits() {
    tryEach(
        (adapter, frozen, owner, what) -> {
          Map<String, NDArray> parameters = drawn(adapter, owner);
          NDArray x = input(frozen, owner, 2, 5);
          SERVICES.engine().seed(3);
          float[] silent =
              Autograd.silent(() -> adapter.apply(x, frozen, parameters, true)).toFloatArray();
          parameters.values().forEach(parameter -> parameter.setRequiresGradient(true));
          SERVICES.engine().seed(3);
          float[] recorded =
              Autograd.recording(() -> adapter.apply(x, frozen, parameters, true)).toFloatArray();
          assertThat(recorded)
              .as("a recorded pass of %s, against the pass before it, under one seed", what)
              .isEqualTo(silent);
        });
  }

  @Test
  void rowsOfABatchDoNotSeeEachOther() {
    tryEach(
        (adapter, frozen, owner, what) -> {
          Map<String, NDArray> parameters = drawn(adapter, owner);
          NDArray x = input(frozen, owner, 3, 4);
          NDArray together = adapter.apply(x, frozen, parameters, false);
          for (int row = 0; row < 3; row++) {
            String only = row + ":" + (row + 1);
            Drawn.assertNear(
                "row " + row + " of a batch through " + what + ", against the row alone",
                together.get(only).toFloatArray(),
                adapter.apply(x.get(only), frozen, parameters, false).toFloatArray(),
                1e-5);
          }
        });
  }

  @Test
  void bfloat16DiffersByItsRoundingAlone() {
    tryEach(
        (adapter, frozen, owner, what) -> {
          Map<String, NDArray> parameters = drawn(adapter, owner);
          NDArray x = KERNELS.asBfloat16(owner, input(frozen, owner, 2, 5));
          KitProjection rounded = frozen.inBfloat16(owner);
          NDArray y = adapter.apply(x, rounded, parameters, false);
          assertThat(y.getDataType())
              .as("the number format of the output of bfloat16 inputs, which DJL does not know")
              .isEqualTo(x.getDataType());
          Drawn.assertNear(
              "the output of " + what + " in bfloat16, against float32",
              KERNELS.asFloat32(owner, y).toFloatArray(),
              adapter.apply(KERNELS.asFloat32(owner, x), frozen, parameters, false).toFloatArray(),
              0.03);
        });
  }

  @Test
  void whatIsSavedIsReadBackToTheSameAdapter() throws IOException {
    AdapterPlan plan = plan(extension());
    if (plan.config().isEmpty()) {
      return;
    }
    Map<String, Object> saved = throughJson(plan.config().get());
    assertThat(saved).as("adapter_config.json").containsKey("peft_type");
    String format = String.valueOf(saved.get("peft_type")).toLowerCase(Locale.ROOT);
    AdapterStrategy read =
        registry()
            .find(AdapterFormat.class, format)
            .map(bound -> registry().create(new Choice<>(bound, new NoOptions()), SERVICES))
            .map(found -> found.read(saved, refusing("AdapterFormat.read")))
            .orElseThrow(
                () ->
                    new AssertionError(
                        ("no AdapterFormat is bound under '%s', the peft_type of what is saved in"
                                + " lower case: no command could use the adapter")
                            .formatted(format)));
    assertSameAdapter(plan, plan(read));
  }

  @Test
  void itGoesOnWithWhatWasSavedUnlessThatIsDeclared() throws IOException {
    AdapterPlan plan = plan(extension());
    Map<String, Object> saved = throughJson(plan.config().orElse(Map.of()));
    if (continues()) {
      AdapterStrategy bare = build(RecipeSection.of(section()).name());
      assertSameAdapter(plan, plan(bare.continueFrom(saved, refusing("continueFrom"))));
      return;
    }
    List<String> keys = new ArrayList<>();
    extension().continueFrom(saved, (key, message) -> keys.add(key));
    assertThat(keys).as("the keys that continueFrom() reports").contains("start-from");
  }

  private static Problems refusing(String where) {
    return (key, message) -> {
      throw new AssertionError(where + " refused what was saved: " + key + ": " + message);
    };
  }

  private static Map<String, Object> throughJson(Map<String, Object> config) throws IOException {
    ObjectMapper json = new ObjectMapper();
    return json.readValue(json.writeValueAsBytes(config), new TypeReference<>() {});
  }

  private void assertSameAdapter(AdapterPlan saved, AdapterPlan read) {
    assertThat(read.trained()).as("modules that train whole").isEqualTo(saved.trained());
    assertThat(read.projections().keySet())
        .as("projections that are wrapped")
        .isEqualTo(saved.projections().keySet());
    BiFunction<ProjectionAdapter, ModelModule, float[]> merged =
        (adapter, module) -> {
          try (NDManager owner = SERVICES.engine().newManager()) {
            NDArray weight = new Drawn(2).normal(owner, module.weight(), 0.2);
            return adapter.merge(weight, drawn(adapter, owner)).toFloatArray();
          }
        };
    wrapped(saved)
        .forEach(
            (module, adapter) -> {
              ProjectionAdapter other = read.projections().get(module.name());
              assertThat(List.copyOf(other.parameters().entrySet()))
                  .as("parameters of " + module.name())
                  .isEqualTo(List.copyOf(adapter.parameters().entrySet()));
              assertThat(merged.apply(other, module))
                  .as("the merged weight of " + module.name())
                  .isEqualTo(merged.apply(adapter, module));
            });
  }
}
