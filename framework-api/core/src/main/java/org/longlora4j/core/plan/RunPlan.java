package org.longlora4j.core.plan;

import java.util.Optional;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.checkpoint.PeftAdapter;
import org.longlora4j.core.checkpoint.RegisteredFormats;
import org.longlora4j.core.model.ActivationMemory;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.Kept;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.model.ModelFamilies;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.ProblemList;
import org.longlora4j.core.recipe.ModelStart;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.TrainingOptions.PrecisionSetting;
import org.longlora4j.core.tensor.ShapeServices;
import org.longlora4j.core.train.PreparedRun;
import org.longlora4j.core.train.RunChoices;

/**
 * What a recipe will take, from the recipe and the model's config.json alone: no engine is loaded
 * and no weight is read, so that it can be told for a model that is not there yet.
 *
 * <p>Weights, trained parameters and the optimizer's state are exact to the byte. Activations are
 * counted term by term as the layers hold them, and are the closer the longer the context.
 *
 * @param precision the number format of frozen weights and activations; where the recipe leaves it
 *     to a measurement, bfloat16
 * @param kept what layers keep until the backward pass
 * @param trainedParameters how many numbers train
 * @param tokensPerStep tokens that one step goes through
 * @param memory by part
 * @param arithmetic of one step, by part
 */
public record RunPlan(
    Precision precision,
    Kept kept,
    long trainedParameters,
    long tokensPerStep,
    MemoryPlan memory,
    StepArithmetic arithmetic) {
  /**
   * What a process takes before it has a tensor: the JVM with its heap in use, PyTorch's libraries,
   * the compiled kernels and what PyTorch's products reserve. Measured on Linux with two cores.
   */
  static final long PROCESS_BYTES = 350_000_000;

  private static final int UPDATE_COPIES = 3; // the scaled gradient, the root, the denominator

  /**
   * Plans.
   *
   * @param recipe read and valid in itself; its data is not opened
   * @param registry builds the extensions, which are asked what they cost
   * @param availableBytes the memory there is, which {@code recompute: auto} goes by
   * @throws org.longlora4j.api.plugin.InvalidInputException with all that does not fit the model
   */
  public static RunPlan of(Recipe recipe, ExtensionRegistry registry, long availableBytes) {
    ModelConfig config = config(recipe, new ModelFamilies(registry));
    try (Checkpoint model = Checkpoint.random(config, 0, Optional.empty())) { // none is drawn
      return of(recipe, model, parts(recipe, model, registry), availableBytes);
    }
  }

  private static PreparedRun.Parts parts(
      Recipe recipe, Checkpoint model, ExtensionRegistry registry) {
    ShapeServices services = new ShapeServices();
    Optional<PeftAdapter> start = recipe.startFrom().map(PeftAdapter::open);
    try {
      PreparedRun.Parts parts = PreparedRun.parts(recipe, model, start, registry, services);
      Optional<WeightQuantizer> stored =
          Checkpoint.quantizer(model.config(), new RegisteredFormats(registry, services));
      ProblemList problems = new ProblemList();
      PreparedRun.checkRecompute(recipe, stored.isPresent(), problems);
      problems.throwIfAny();
      return stored.map(parts::with).orElse(parts);
    } finally {
      start.ifPresent(PeftAdapter::close);
    }
  }

  private static RunPlan of(
      Recipe recipe, Checkpoint model, PreparedRun.Parts parts, long availableBytes) {
    ModelConfig config = model.config();
    Precision precision =
        recipe.training().precision() == PrecisionSetting.FLOAT32
            ? Precision.FLOAT32
            : Precision.BFLOAT16;
    Kept kept = RunChoices.kept(recipe, model, parts, precision, availableBytes);
    int lowest = lowestTrained(parts.plan(), config);
    WeightMemory weights = new WeightMemory(config, parts, precision);
    ActivationMemory activations = PreparedRun.activations(recipe, config, parts, precision);
    return new RunPlan(
        precision,
        kept,
        weights.trainedBytes() / Float.BYTES,
        (long) recipe.training().batchSize() * recipe.training().accumulate() * recipe.context(),
        memory(recipe, config, weights, activations, kept, lowest),
        new ArithmeticCount(recipe, config, parts, kept, lowest).count());
  }

  private static ModelConfig config(Recipe recipe, ModelFamilies families) {
    ModelStart start = recipe.model();
    return start
        .path()
        .map(path -> ModelConfig.read(path, families))
        .orElseGet(
            () ->
                ModelConfig.of(start.init().orElseThrow(), recipe.file(), "model.init", families));
  }

  /** The first layer with a parameter that trains; the first of all if the embeddings do. */
  private static int lowestTrained(AdapterPlan plan, ModelConfig config) {
    if (plan.trained().contains(config.names().embeddings())) {
      return 0;
    }
    int layer = 0;
    while (layer < config.layers() && !trainsWithin(plan, config.names().layer(layer))) {
      layer++;
    }
    return layer;
  }

  private static boolean trainsWithin(AdapterPlan plan, String prefix) {
    return plan.trained().stream().anyMatch(name -> name.startsWith(prefix))
        || plan.projections().keySet().stream().anyMatch(name -> name.startsWith(prefix));
  }

  private static MemoryPlan memory(
      Recipe recipe,
      ModelConfig config,
      WeightMemory weights,
      ActivationMemory activations,
      Kept kept,
      int lowest) {
    int reached = config.layers() - lowest;
    long inputs = reached * activations.inputBytes();
    long rotary = 2L * recipe.context() * config.rotary().rotaryDim() * Float.BYTES;
    return new MemoryPlan(
        weights.frozenBytes(),
        weights.scaleBytes(),
        weights.readBackBytes(),
        weights.trainedBytes(),
        weights.trainedBytes(),
        weights.optimizerBytes(),
        rotary,
        inputs + activations.keptBytes(lowest, kept),
        activations.workingBytes(kept),
        activations.lossBytes(),
        update(weights, activations, config),
        PROCESS_BYTES);
  }

  /**
   * The update's temporaries, or those of the embeddings' gradient: their output as float32, its
   * gradient, and a gradient of their whole size before it is added to those before it.
   */
  private static long update(
      WeightMemory weights, ActivationMemory activations, ModelConfig config) {
    long update = UPDATE_COPIES * weights.largestTrainedBytes();
    if (!weights.trainsEmbeddings()) {
      return update;
    }
    long table = (long) config.vocabularySize() * config.hiddenSize() * Float.BYTES;
    return Math.max(update, table + 3 * activations.inputBytes());
  }
}
