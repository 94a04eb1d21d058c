package org.longlora4j.core.train;

import com.google.inject.Module;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ModelModule.Kind;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryScaling;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.train.Optimizer;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.core.checkpoint.PeftAdapter;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.ProblemList;
import org.longlora4j.core.recipe.Mistake;
import org.longlora4j.core.recipe.ModelStart;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.TrainingOptions.Recompute;

/**
 * A recipe whose parts and data were found to fit its model, before any weight is read.
 *
 * <p>Whatever is wrong with a recipe, beyond what its text alone shows, comes out here.
 */
public final class PreparedRun implements AutoCloseable {
  private final Recipe recipe;
  private final Checkpoint checkpoint;
  private final Optional<PeftAdapter> start;
  private final Parts parts;
  private final TrainingData data;

  /**
   * The extensions that the recipe chose, and what they decided about the model. Listeners are
   * built when they are to listen, since whoever builds one must close it.
   */
  record Parts(
      AttentionPattern attention,
      AdapterPlan plan,
      RotaryScaling scaling,
      WeightQuantizer quantizer,
      Optimizer optimizer,
      List<Supplier<TrainingListener>> listeners) {}

  private PreparedRun(
      Recipe recipe,
      Checkpoint checkpoint,
      Optional<PeftAdapter> start,
      Parts parts,
      TrainingData data) {
    this.recipe = recipe;
    this.checkpoint = checkpoint;
    this.start = start;
    this.parts = parts;
    this.data = data;
  }

  /**
   * Builds and checks.
   *
   * @param recipe read and valid in itself
   * @param registry builds the extensions
   * @param services what their constructors may ask for
   * @return the parts, with the checkpoint open; the caller closes it
   * @throws org.longlora4j.api.plugin.InvalidInputException with all that does not fit
   */
  public static PreparedRun of(Recipe recipe, ExtensionRegistry registry, Module services) {
    Checkpoint checkpoint = open(recipe);
    Optional<PeftAdapter> start = Optional.empty();
    boolean prepared = false;
    try {
      start = recipe.startFrom().map(PeftAdapter::open);
      Parts parts = parts(recipe, checkpoint, start, registry, services);
      TrainingData data = TrainingData.open(recipe, checkpoint, registry, services);
      prepared = true;
      return new PreparedRun(recipe, checkpoint, start, parts, data);
    } finally {
      if (!prepared) {
        start.ifPresent(PeftAdapter::close);
        checkpoint.close();
      }
    }
  }

  private static Checkpoint open(Recipe recipe) {
    ModelStart start = recipe.model();
    if (start.path().isPresent()) {
      return Checkpoint.open(start.path().get());
    }
    ModelConfig config = ModelConfig.of(start.init().orElseThrow(), recipe.file(), "model.init");
    return Checkpoint.random(config, start.seed(), start.tokenizer());
  }

  private static Parts parts(
      Recipe recipe,
      Checkpoint checkpoint,
      Optional<PeftAdapter> start,
      ExtensionRegistry registry,
      Module services) {
    ProblemList problems = new ProblemList(recipe::placeOf, " " + Mistake.DOES_NOT_FIT);
    ModelConfig config = checkpoint.config();
    config.requireWithinSlidingWindow(recipe.context());
    AttentionPattern attention = registry.create(recipe.attention(), services);
    attention.check(shape(recipe, config), problems.in(recipe.file(), "attention"));

    Problems ofAdapter = problems.in(recipe.file(), "adapter");
    AdapterStrategy strategy = registry.create(recipe.adapter(), services);
    if (start.isPresent()) {
      strategy = strategy.continueFrom(start.get().config(), ofAdapter);
    }
    AdapterPlan plan = strategy.plan(checkpoint.modules(), ofAdapter);
    if (recipe.model().init().isPresent() && plan.config().isPresent()) {
      ofAdapter.report(
          "use",
          "is '%s', must be full where model.init draws the weights: an adapter would belong to no"
                  .formatted(recipe.adapter().name())
              + " checkpoint");
    }

    RotaryEmbedding rotary = config.rotary();
    PositionalScaling position = registry.create(recipe.position(), services);
    position.check(rotary, recipe.context(), problems.in(recipe.file(), "position"));
    WeightQuantizer quantizer = registry.create(recipe.quantization(), services);
    boolean quantized = quantized(checkpoint, plan, quantizer);
    if (!quantized && projections(checkpoint).anyMatch(quantizer::quantizes)) {
      problems
          .in(recipe.file(), "quantization")
          .report(
              "use",
              "is '%s', but what it would quantize trains whole: it does nothing here, remove it"
                  .formatted(recipe.quantization().name()));
    }
    checkRecompute(recipe, quantized, problems.in(recipe.file(), "training"));
    problems.throwIfAny();
    return new Parts(
        attention,
        plan,
        position.scale(rotary, recipe.context()),
        quantizer,
        registry.create(recipe.training().optimizer(), services),
        recipe.listeners().stream()
            .<Supplier<TrainingListener>>map(chosen -> () -> registry.create(chosen, services))
            .toList());
  }

  private static AttentionShape shape(Recipe recipe, ModelConfig config) {
    return new AttentionShape(
        recipe.training().batchSize(),
        config.heads(),
        config.keyValueHeads(),
        recipe.context(),
        config.headDim());
  }

  private static boolean quantized(
      Checkpoint checkpoint, AdapterPlan plan, WeightQuantizer quantizer) {
    return checkpoint.modules().stream()
        .anyMatch(module -> Composition.quantizes(quantizer, plan, module));
  }

  private static Stream<ModelModule> projections(Checkpoint checkpoint) {
    return checkpoint.modules().stream().filter(module -> module.kind() == Kind.PROJECTION);
  }

  private static void checkRecompute(Recipe recipe, boolean quantized, Problems problems) {
    if (recipe.training().recompute() == Recompute.FALSE && quantized) {
      problems.report(
          "recompute",
          "is false, must be true or auto with quantized weights: they are read back into one"
              + " buffer, layer by layer");
    }
  }

  /** The recipe. */
  public Recipe recipe() {
    return recipe;
  }

  /** The open checkpoint. */
  public Checkpoint checkpoint() {
    return checkpoint;
  }

  /** The adapter that training goes on from. */
  Optional<PeftAdapter> start() {
    return start;
  }

  Parts parts() {
    return parts;
  }

  /** The rows, those that are held out too. */
  TrainingData data() {
    return data;
  }

  /**
   * Whether the output directory holds this recipe's run, which goes on when training resumes it.
   *
   * @return false if the directory is free
   * @throws org.longlora4j.api.plugin.InvalidInputException if it is neither
   */
  public boolean isResumable() {
    RunDirectory directory = new RunDirectory(recipe);
    directory.requireUsable(true);
    return directory.holdsRun();
  }

  /** Whether the run leaves an adapter; if not, it leaves a whole checkpoint. */
  public boolean leavesAdapter() {
    return parts.plan().config().isPresent();
  }

  /** Whether any weight of the model is stored quantized. */
  boolean quantized() {
    return quantized(checkpoint, parts.plan(), parts.quantizer());
  }

  /** The config.json of the model that comes out. */
  ModelConfig targetConfig() {
    ModelConfig config = checkpoint.config();
    return parts.scaling().equals(config.rotary().scaling())
        ? config
        : config.extended(parts.scaling(), recipe.context());
  }

  @Override
  public void close() {
    data.close();
    start.ifPresent(PeftAdapter::close);
    checkpoint.close();
  }
}
