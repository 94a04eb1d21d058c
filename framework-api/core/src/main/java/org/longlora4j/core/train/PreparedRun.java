package org.longlora4j.core.train;

import com.google.inject.Module;
import java.util.List;
import java.util.Locale;
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
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.train.Optimizer;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.core.checkpoint.PeftAdapter;
import org.longlora4j.core.model.ActivationMemory;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.ProblemList;
import org.longlora4j.core.recipe.Mistake;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.TrainingOptions.Recompute;

/**
 * A recipe whose parts and data were found to fit its model, before any weight is read.
 *
 * <p>Whatever is wrong with a recipe, beyond what its text alone shows, comes out here.
 */
public final class PreparedRun implements AutoCloseable {
  private static final String UNQUANTIZED = "none"; // the quantizer that leaves weights alone

  private final Recipe recipe;
  private final Checkpoint checkpoint;
  private final Optional<PeftAdapter> start;
  private final Parts parts;
  private final TrainingData data;

  /**
   * The extensions that the recipe chose, and what they decided about the model. Listeners are
   * built when they are to listen, since whoever builds one must close it.
   *
   * @param attention which positions a query attends to
   * @param plan which parameters train, and what wraps a frozen projection
   * @param scaling how rotary frequencies change
   * @param quantizer how frozen weights are stored
   * @param optimizer how parameters are updated
   * @param listeners who watches the steps
   */
  public record Parts(
      AttentionPattern attention,
      AdapterPlan plan,
      RotaryScaling scaling,
      WeightQuantizer quantizer,
      Optimizer optimizer,
      List<Supplier<TrainingListener>> listeners) {
    /** The same with frozen weights stored in another way. */
    public Parts with(WeightQuantizer other) {
      return new Parts(attention, plan, scaling, other, optimizer, listeners);
    }
  }

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
    return of(recipe, registry, services, true);
  }

  /**
   * The same for steps of which nothing is kept: an adapter may train upon weights that are drawn.
   */
  static PreparedRun toMeasure(Recipe recipe, ExtensionRegistry registry, Module services) {
    return of(recipe, registry, services, false);
  }

  private static PreparedRun of(
      Recipe recipe, ExtensionRegistry registry, Module services, boolean kept) {
    Checkpoint checkpoint = StartingModel.checkpoint(recipe, registry, services);
    Optional<PeftAdapter> start = Optional.empty();
    boolean prepared = false;
    try {
      start = recipe.startFrom().map(PeftAdapter::open);
      checkpoint = start.isPresent() ? start.get().resize(checkpoint) : checkpoint;
      Parts parts = parts(recipe, checkpoint, start, registry, services, kept);
      checkpoint =
          start.isPresent() ? start.get().withFrozen(checkpoint, parts.plan()) : checkpoint;
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

  /**
   * Builds the parts alone, and checks that they fit the model, for a run of which nothing is kept.
   *
   * @param recipe read and valid in itself
   * @param checkpoint the model; its weights are not asked for
   * @param start an adapter that training goes on from
   * @param registry builds the extensions
   * @param services what their constructors may ask for
   * @throws org.longlora4j.api.plugin.InvalidInputException with all that does not fit
   */
  public static Parts parts(
      Recipe recipe,
      Checkpoint checkpoint,
      Optional<PeftAdapter> start,
      ExtensionRegistry registry,
      Module services) {
    return parts(recipe, checkpoint, start, registry, services, false);
  }

  private static Parts parts(
      Recipe recipe,
      Checkpoint checkpoint,
      Optional<PeftAdapter> start,
      ExtensionRegistry registry,
      Module services,
      boolean kept) {
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
    if (kept && recipe.model().init().isPresent() && plan.config().isPresent()) {
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
    checkStored(recipe, checkpoint, problems.in(recipe.file(), "quantization"));
    checkBeginning(recipe, checkpoint, plan, quantizer, start.isPresent(), ofAdapter);
    checkRecompute(recipe, quantized, problems);
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

  /**
   * What the layers of a run hold between and during their passes.
   *
   * @param parts of that recipe and model
   * @param precision the number format of activations
   */
  public static ActivationMemory activations(
      Recipe recipe, ModelConfig config, Parts parts, Precision precision) {
    return new ActivationMemory(
        config, parts.plan(), parts.attention(), shape(recipe, config), precision);
  }

  /** Whether any weight of a model is stored quantized. */
  static boolean quantized(Checkpoint checkpoint, AdapterPlan plan, WeightQuantizer quantizer) {
    return checkpoint.modules().stream()
        .anyMatch(
            module ->
                Composition.quantizes(quantizer, plan, module)
                    || (checkpoint.isQuantized(module) && !plan.trained().contains(module.name())));
  }

  private static Stream<ModelModule> projections(Checkpoint checkpoint) {
    return checkpoint.modules().stream().filter(module -> module.kind() == Kind.PROJECTION);
  }

  /** What is quantized already stays as it is stored. */
  private static void checkStored(Recipe recipe, Checkpoint checkpoint, Problems problems) {
    String chosen = recipe.quantization().name();
    checkpoint
        .quantizer()
        .filter(stored -> !chosen.equals(stored) && !chosen.equals(UNQUANTIZED))
        .ifPresent(
            stored ->
                problems.report(
                    "use",
                    "is '%s', but the weights of %s are stored as %s and used so: say %s or %s"
                        .formatted(chosen, recipe.model(), stored, UNQUANTIZED, stored)));
  }

  private static void checkBeginning(
      Recipe recipe,
      Checkpoint checkpoint,
      AdapterPlan plan,
      WeightQuantizer quantizer,
      boolean continued,
      Problems problems) {
    boolean nothingLost =
        checkpoint.modules().stream()
            .filter(module -> plan.projections().containsKey(module.name()))
            .filter(module -> plan.projections().get(module.name()).beginsWithQuantizationError())
            .anyMatch(
                module ->
                    checkpoint.isQuantized(module)
                        || !Composition.quantizes(quantizer, plan, module));
    if (nothingLost && !continued) {
      problems.report(
          "",
          ("begins with what quantization lost, but with quantization.use '%s' and this checkpoint"
                  + " nothing is lost in loading what is wrapped: choose a quantizer that takes it,"
                  + " nf4 for example, over a float checkpoint, or another beginning")
              .formatted(recipe.quantization().name()));
    }
  }

  /** Reports a recipe that does not let layers run again over quantized weights. */
  public static void checkRecompute(Recipe recipe, boolean quantized, ProblemList problems) {
    Recompute recompute = recipe.training().recompute();
    if (quantized && !recompute.isForQuantized()) {
      problems
          .in(recipe.file(), "training")
          .report(
              "recompute",
              ("is %s, must be true, keep-attention or auto with quantized weights: they are read"
                      + " back into one buffer, layer by layer")
                  .formatted(recompute.name().toLowerCase(Locale.ROOT)));
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

  /** The config.json of the model that comes out. */
  ModelConfig targetConfig() {
    ModelConfig config = checkpoint.config();
    RotaryScaling scaling = parts.scaling();
    boolean longEnough =
        !scaling.extendsMaxPositions() || recipe.context() <= config.maxPositions();
    return scaling.equals(config.rotary().scaling()) && longEnough
        ? config
        : config.extended(scaling, recipe.context());
  }

  @Override
  public void close() {
    data.close();
    start.ifPresent(PeftAdapter::close);
    checkpoint.close();
  }
}
