package org.longlora4j.launcher.command;

import ai.djl.ndarray.types.Shape;
import com.google.inject.Module;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.attention.AttentionCost;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.plugin.BoundExtension;
import org.longlora4j.core.plugin.Choice;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.OptionDescription;
import org.longlora4j.core.recipe.RecipeLibrary;
import org.longlora4j.core.recipe.RecipeReader;
import org.longlora4j.core.tensor.ShapeServices;
import org.longlora4j.launcher.command.ExtensionDescription.Cost;

/** Asks extensions what they cost and accept, with a model's shapes and without the engine. */
final class ExtensionFacts {
  /** Target lengths as multiples of the model's own. */
  private static final int[] MULTIPLES = {1, 2, 4, 8, 16};

  private final ExtensionRegistry registry;
  private final ShapedModel model;
  private final List<String> settings;
  private final Module services = new ShapeServices();

  ExtensionFacts(ExtensionRegistry registry, ShapedModel model, List<String> settings) {
    this.registry = registry;
    this.model = model;
    this.settings = List.copyOf(settings);
  }

  <T> ExtensionDescription describe(BoundExtension<T> bound) {
    List<Cost> costs = new ArrayList<>();
    String unknown = "";
    try {
      costs = costs(bound);
    } catch (InvalidInputException e) {
      if (!settings.isEmpty()) {
        throw e;
      }
      unknown = "What it costs depends on options that it must be given: --set OPTION=VALUE";
    }
    return new ExtensionDescription(
        bound.extension().kind(),
        bound.name(),
        bound.plugin().name(),
        bound.plugin().version(),
        bound.plugin().origin(),
        OptionDescription.of(bound.extension().options()).stream()
            .map(ExtensionFacts::key)
            .toList(),
        costs.isEmpty() ? "" : model.name(),
        costs,
        unknown);
  }

  private static ExtensionDescription.Key key(OptionDescription option) {
    return new ExtensionDescription.Key(
        option.key(),
        option.type(),
        option.required(),
        option.defaultValue().orElse(""),
        option.description());
  }

  private <T> List<Cost> costs(BoundExtension<T> bound) {
    Class<T> point = bound.extension().point();
    if (point == AttentionPattern.class) {
      AttentionPattern pattern = build(AttentionPattern.class, bound.name());
      return lengths(length -> attention(pattern, length));
    }
    if (point == PositionalScaling.class) {
      PositionalScaling scaling = build(PositionalScaling.class, bound.name());
      return lengths(length -> position(scaling, length));
    }
    if (point == AdapterStrategy.class) {
      return List.of(adapter(build(AdapterStrategy.class, bound.name())));
    }
    return point == WeightQuantizer.class
        ? List.of(quantization(build(WeightQuantizer.class, bound.name())))
        : List.of();
  }

  private <T> T build(Class<T> point, String name) {
    StringBuilder section = new StringBuilder("{use: ").append(name);
    for (String setting : settings) {
      section.append(", ").append(setting.replaceFirst("=", ": "));
    }
    Choice<T> choice =
        new RecipeReader(registry, RecipeLibrary.empty())
            .choose(point, section.append('}').toString(), Path.of(""));
    return registry.create(choice, services);
  }

  private List<Cost> lengths(IntFunction<Cost> cost) {
    List<Cost> costs = new ArrayList<>();
    int original = config().rotary().originalLength();
    for (int times : MULTIPLES) {
      costs.add(cost.apply(times * original));
    }
    costs.add(cost.apply(2 * original + 1)); // which no group size divides
    return costs;
  }

  private ModelConfig config() {
    return model.checkpoint().config();
  }

  private Cost attention(AttentionPattern pattern, int length) {
    AttentionShape shape =
        new AttentionShape(
            1, config().heads(), config().keyValueHeads(), length, config().headDim());
    List<String> refusals = new ArrayList<>();
    pattern.check(shape, refusing(refusals));
    Map<String, Number> figures = new LinkedHashMap<>();
    if (refusals.isEmpty()) {
      AttentionCost cost = pattern.cost(shape, new AttentionLayer(0, config().layers(), length));
      double dense = (double) config().heads() * AttentionCost.causalPairs(length);
      figures.put(Figure.PAIRS_OF_DENSE, cost.pairs() / dense);
      figures.put(Figure.WORKING_BYTES, 2 * cost.workingElements());
    }
    return new Cost(length + " tokens", refusals, figures);
  }

  private Cost position(PositionalScaling scaling, int length) {
    List<String> refusals = new ArrayList<>();
    scaling.check(config().rotary(), length, refusing(refusals));
    return new Cost(length + " tokens", refusals, Map.of());
  }

  private Cost adapter(AdapterStrategy strategy) {
    List<ModelModule> modules = model.checkpoint().modules();
    List<String> refusals = new ArrayList<>();
    AdapterPlan plan = strategy.plan(modules, refusing(refusals));
    Map<String, Number> figures = new LinkedHashMap<>();
    if (refusals.isEmpty()) {
      long adapters =
          plan.projections().values().stream()
              .flatMap(adapter -> adapter.parameters().values().stream())
              .mapToLong(Shape::size)
              .sum();
      long whole =
          modules.stream()
              .filter(module -> plan.trained().contains(module.name()))
              .mapToLong(ExtensionFacts::parameters)
              .sum();
      long all = modules.stream().mapToLong(ExtensionFacts::parameters).sum();
      figures.put(Figure.TRAINED_PARAMETERS, adapters + whole);
      figures.put(Figure.PARAMETERS, all + adapters);
    }
    return new Cost("the whole model", refusals, figures);
  }

  private static long parameters(ModelModule module) {
    return module.weight().size() + (module.bias() ? module.weight().get(0) : 0);
  }

  private Cost quantization(WeightQuantizer quantizer) {
    long stored = 0;
    long unquantized = 0;
    for (ModelModule module : model.checkpoint().modules()) {
      if (module.kind() == ModelModule.Kind.PROJECTION) {
        long bytes = 2 * module.weight().size();
        unquantized += bytes;
        stored += quantizer.quantizes(module) ? quantizer.storedBytes(module) : bytes;
      }
    }
    Map<String, Number> figures = new LinkedHashMap<>();
    figures.put(Figure.STORED_BYTES, stored);
    figures.put(Figure.BFLOAT16_BYTES, unquantized);
    return new Cost("all projections", List.of(), figures);
  }

  private static Problems refusing(List<String> refusals) {
    return (key, message) -> refusals.add(key.isEmpty() ? message : key + ": " + message);
  }
}
