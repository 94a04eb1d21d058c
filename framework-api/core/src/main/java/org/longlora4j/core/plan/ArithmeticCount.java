package org.longlora4j.core.plan;

import ai.djl.ndarray.types.Shape;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ModelModule.Kind;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.api.model.LayerProjections;
import org.longlora4j.core.model.Kept;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.plan.StepArithmetic.Name;
import org.longlora4j.core.plan.StepArithmetic.Part;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.train.PreparedRun;

/**
 * Counts the operations of one optimizer step.
 *
 * <p>A product with a weight takes two operations a token and element forward, two backward for the
 * gradient of its input, and two more for that of the weight if it trains. A (query, key) pair
 * takes four for each element of a head forward and needs eight backward; the fused kernels, which
 * keep no scores, compute them again and carry out ten.
 */
final class ArithmeticCount {
  private static final int PAIR_FORWARD = 4;
  private static final int PAIR_BACKWARD = 8;
  private static final int PAIR_SCORES = 2;

  private final Recipe recipe;
  private final ModelConfig config;
  private final PreparedRun.Parts parts;
  private final Kept kept;
  private final int lowest;
  private final long tokens;
  private final Map<Name, Part> counted = new EnumMap<>(Name.class);

  /**
   * A count that is yet to be made.
   *
   * @param kept what layers keep until the backward pass
   * @param lowest the first layer that gradients reach
   */
  ArithmeticCount(
      Recipe recipe, ModelConfig config, PreparedRun.Parts parts, Kept kept, int lowest) {
    this.recipe = recipe;
    this.config = config;
    this.parts = parts;
    this.kept = kept;
    this.lowest = lowest;
    this.tokens = (long) recipe.training().batchSize() * recipe.context();
  }

  StepArithmetic count() {
    for (int i = 0; i < config.layers(); i++) {
      countLayer(i);
    }
    long head = 2 * tokens * config.vocabularySize() * config.hiddenSize();
    boolean trained = parts.plan().trained().contains(config.headModule(parts.plan()));
    add(Name.HEAD, head, false, trained ? 2 * head : head, 0);
    return new StepArithmetic(List.copyOf(counted.values()));
  }

  private void countLayer(int index) {
    boolean reached = index >= lowest;
    String prefix = config.names().layer(index);
    for (ModelModule module : config.modules()) {
      if (module.kind() == Kind.PROJECTION && module.name().startsWith(prefix)) {
        countProjection(module, reached);
      }
    }
    AttentionShape shape =
        new AttentionShape(
            recipe.training().batchSize(),
            config.heads(),
            config.keyValueHeads(),
            recipe.context(),
            config.headDim());
    AttentionLayer layer = new AttentionLayer(index, config.layers(), recipe.context());
    long pairs = parts.attention().cost(shape, layer).pairs() * config.headDim();
    add(
        Name.ATTENTION,
        PAIR_FORWARD * pairs,
        reached && kept.recomputesAttention(),
        reached ? PAIR_BACKWARD * pairs : 0,
        reached ? PAIR_SCORES * pairs : 0);
  }

  private void countProjection(ModelModule module, boolean reached) {
    AdapterPlan plan = parts.plan();
    long product = 2 * tokens * module.weight().size();
    long ofInput = reached ? product : 0;
    long ofWeight = plan.trained().contains(module.name()) ? product : 0;
    LayerProjections projections = config.decoder().projections();
    boolean ofMlp = projections.isOfMlp(module.shortName());
    boolean runsAgain = reached && (ofMlp ? kept.recomputesMlp() : kept.recomputesProjections());
    boolean adapted = plan.projections().containsKey(module.name());
    boolean last = module.shortName().equals(projections.mlpOutput());
    boolean again = runsAgain && (!last || adapted || ofWeight > 0);
    add(ofMlp ? Name.MLP : Name.PROJECTIONS, product, again, ofInput + ofWeight, 0);
    if (adapted) {
      long elements =
          plan.projections().get(module.name()).parameters().values().stream()
              .mapToLong(Shape::size)
              .sum();
      long products = 2 * tokens * elements;
      add(Name.ADAPTERS, products, runsAgain, 2 * products, 0);
    }
  }

  /**
   * Adds up, over all micro-batches.
   *
   * @param again whether the forward pass is run again
   * @param backward needed
   * @param repeated carried out in the backward pass beyond what is needed
   */
  private void add(Name name, long forward, boolean again, long backward, long repeated) {
    int passes = recipe.training().accumulate();
    Part more =
        new Part(
            name,
            passes * (forward + backward),
            passes * forward,
            again ? passes * forward : 0,
            passes * (backward + repeated));
    counted.merge(name, more, ArithmeticCount::sum);
  }

  private static Part sum(Part first, Part second) {
    return new Part(
        first.name(),
        first.needed() + second.needed(),
        first.forward() + second.forward(),
        first.recomputation() + second.recomputation(),
        first.backward() + second.backward());
  }
}
