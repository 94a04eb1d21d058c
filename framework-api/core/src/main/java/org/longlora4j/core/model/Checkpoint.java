package org.longlora4j.core.model;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ModelModule.Kind;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.plugin.ProblemList;

/**
 * A Hugging Face checkpoint directory: config.json and its tensors, in one safetensors file or in
 * several with an index. Files are mapped; nothing is read before it is asked for.
 */
public final class Checkpoint implements AutoCloseable {
  /** The file that holds all tensors, where there is no index. */
  public static final String SINGLE = "model.safetensors";

  /** The file that says which of several files holds a tensor. */
  public static final String INDEX = "model.safetensors.index.json";

  private final Optional<Path> directory; // of a random one: its tokenizer's
  private final ModelConfig config;
  private final CheckpointFiles files;
  private final QuantizedPart quantized;

  private Checkpoint(
      Optional<Path> directory,
      ModelConfig config,
      CheckpointFiles files,
      QuantizedPart quantized) {
    this.directory = directory;
    this.config = config;
    this.files = files;
    this.quantized = quantized;
  }

  /**
   * Opens a checkpoint that is not quantized, of a family that the framework knows by itself, as
   * {@link #open(Path, ModelFamilies, QuantizedFormats)} does.
   *
   * @param directory where it is
   * @return the open checkpoint, which the caller closes
   * @throws InvalidInputException with all that is wrong
   */
  public static Checkpoint open(Path directory) {
    return open(directory, ModelFamilies.builtIn(), QuantizedFormats.NONE);
  }

  /**
   * Opens a checkpoint and checks that it holds the tensors that its config.json promises, each in
   * the right shape. A multimodal one may hold others beside those of its language model.
   *
   * @param directory where it is
   * @param families that it may be of
   * @param formats read weights that are quantized
   * @return the open checkpoint, which the caller closes
   * @throws InvalidInputException with all that is wrong
   */
  public static Checkpoint open(Path directory, ModelFamilies families, QuantizedFormats formats) {
    if (!Files.isDirectory(directory)) {
      throw new InvalidInputException(
          directory
              + (Files.exists(directory) ? " is not a directory." : " does not exist.")
              + " A model is a Hugging Face checkpoint directory: config.json and"
              + " model.safetensors.");
    }
    ModelConfig read = ModelConfig.read(directory, families);
    CheckpointFiles files = CheckpointFiles.in(directory);
    boolean whole = false;
    try {
      ModelConfig config = read.multimodal() ? located(read, files) : read;
      List<String> problems = new ArrayList<>();
      QuantizedPart quantized =
          QuantizedPart.of(config, files, config.modules(), formats, problems);
      Checkpoint checkpoint = new Checkpoint(Optional.of(directory), config, files, quantized);
      checkpoint.checkTensors(directory, problems);
      whole = true;
      return checkpoint;
    } finally {
      if (!whole) {
        files.close();
      }
    }
  }

  /** Finds where the names of a multimodal checkpoint have its language model. */
  private static ModelConfig located(ModelConfig config, CheckpointFiles files) {
    if (config.json().hasNonNull(ModelConfig.QUANTIZATION)) {
      throw new InvalidInputException(
          "%s: %s: is there, but quantized weights are read of checkpoints of a language model alone. Use the float checkpoint."
              .formatted(config.file(), ModelConfig.QUANTIZATION));
    }
    List<ModuleNaming> namings = ModuleNaming.multimodal(config.decoder().names());
    List<String> sought = new ArrayList<>();
    for (ModuleNaming naming : namings) {
      ModelConfig named = config.named(naming);
      String embeddings = named.names().embeddings() + ".weight";
      if (files.entries().containsKey(embeddings)) {
        return named;
      }
      sought.add(embeddings);
    }
    throw new InvalidInputException(
        "%s has no tensor %s, which %s.%s promises: its language model is not found."
            .formatted(
                files.path(),
                String.join(" and no tensor ", sought),
                config.file(),
                ModelConfig.TEXT));
  }

  /**
   * A checkpoint that exists nowhere yet: weights drawn at random.
   *
   * @param config what it would say in its config.json
   * @param seed decides the weights
   * @param tokenizer the directory of the tokenizer that goes with it
   */
  public static Checkpoint random(ModelConfig config, long seed, Optional<Path> tokenizer) {
    List<ModelModule> modules = config.modules();
    double deviation = config.language().path("initializer_range").asDouble(0.02);
    String dtype = config.json().path("dtype").asText(config.json().path("torch_dtype").asText());
    ElementType type = dtype.equals("bfloat16") ? ElementType.BF16 : ElementType.F32;
    CheckpointFiles files = CheckpointFiles.of(new RandomWeights(modules, type, deviation, seed));
    return new Checkpoint(tokenizer, config, files, QuantizedPart.none(files));
  }

  /**
   * This checkpoint with a larger vocabulary: embeddings and head get rows that are the mean of
   * those that are there. This one is given up for it.
   *
   * @param size how many tokens there are to be; no more rows are added than that takes
   * @param padding the token that config.json is to name as the one that fills rows
   * @throws InvalidInputException if the head is quantized
   */
  public Checkpoint withTokens(int size, OptionalInt padding) {
    CheckpointFiles grown = files;
    if (size > config.vocabularySize()) {
      for (ModelModule module : modules()) {
        if (module.kind() == Kind.EMBEDDING || module.kind() == Kind.HEAD) {
          grown = grown(grown, module, size);
        }
      }
    }
    ModelConfig larger = config.withTokens(size, padding);
    return new Checkpoint(directory, larger, grown, quantized);
  }

  private CheckpointFiles grown(CheckpointFiles all, ModelModule module, int size) {
    if (isQuantized(module)) {
      throw new InvalidInputException(
          "%s: %s is quantized, so no tokens can be added. Add them to the float checkpoint that it"
                  .formatted(config.file(), module.name())
              + " was made from.");
    }
    String name = module.name() + ".weight";
    return all.with(name, new GrownTensor(all.file(name), name, size));
  }

  /**
   * This checkpoint with a tensor from elsewhere. This one is given up for it.
   *
   * @param name a tensor of this checkpoint
   * @param source holds the values; its owner closes it
   * @param sourceName what they are called there
   */
  public Checkpoint withTensor(String name, TensorFile source, String sourceName) {
    CheckpointFiles replaced =
        files.with(name, new ReplacedTensor(files.file(name), name, source, sourceName));
    return new Checkpoint(directory, config, replaced, quantized);
  }

  private void checkTensors(Path directory, List<String> problems) {
    TreeSet<String> unknown = new TreeSet<>(files.entries().keySet());
    for (ModelModule module : modules()) {
      if (isQuantized(module)) {
        unknown.removeAll(quantized.tensors(module));
      } else {
        check(module.name() + ".weight", module.weight(), problems);
        unknown.remove(module.name() + ".weight");
      }
      if (module.bias()) {
        check(module.name() + ".bias", module.weight().slice(0, 1), problems);
        unknown.remove(module.name() + ".bias");
      }
    }
    unknown.removeIf(this::isLeftover);
    unknown.removeAll(otherTensors());
    String type = "model_type " + config.modelType();
    unknown.forEach(name -> problems.add("tensor " + name + " is unknown to " + type));
    if (!problems.isEmpty()) {
      throw new InvalidInputException(
          "%s does not fit its config.json:\n%s"
              .formatted(directory, ProblemList.firstOf(problems)));
    }
  }

  private void check(String name, Shape shape, List<String> problems) {
    TensorEntry entry = files.entries().get(name);
    if (entry == null) {
      problems.add("tensor " + name + " is missing, must have the shape " + shape);
    } else if (!entry.shape().equals(shape)) {
      problems.add(
          "tensor %s has the shape %s, must have %s".formatted(name, entry.shape(), shape));
    } else if (!entry.type().isFloatingPoint()) {
      problems.add("tensor %s holds %s, must hold floating point".formatted(name, entry.type()));
    }
  }

  /** What old versions of transformers saved, though it follows from config.json. */
  private boolean isLeftover(String name) {
    return isOfLanguageModel(name)
        && (name.endsWith("rotary_emb.inv_freq")
            || (config.tied() && name.equals(config.names().head() + ".weight"))
            || config.decoder().isLeftover(config.named().naming().alone(name)));
  }

  private boolean isOfLanguageModel(String tensor) {
    return tensor.startsWith(config.named().naming().stored())
        || tensor.startsWith(config.names().head() + ".");
  }

  /**
   * The tensors of a multimodal checkpoint that are not its language model's, in the files' order:
   * they stay as they are, whatever becomes of that.
   */
  public Set<String> otherTensors() {
    Set<String> others = new LinkedHashSet<>(files.entries().keySet());
    others.removeIf(this::isOfLanguageModel);
    return others;
  }

  /** Where the tokenizer is, and the checkpoint itself unless it exists nowhere yet. */
  public Optional<Path> directory() {
    return directory;
  }

  /** Its config.json. */
  public ModelConfig config() {
    return config;
  }

  /** The modules that its config.json describes, in checkpoint order. */
  public List<ModelModule> modules() {
    return config.modules();
  }

  /** The names of all tensors, leftovers included, in the files' order. */
  public List<String> tensorNames() {
    return List.copyOf(files.entries().keySet());
  }

  /** The tensors that have more rows than the checkpoint in its directory, or values of another. */
  public List<String> resizedTensors() {
    return tensorNames().stream()
        .filter(
            name ->
                files.file(name) instanceof GrownTensor
                    || files.file(name) instanceof ReplacedTensor)
        .filter(name -> !isLeftover(name))
        .toList();
  }

  /**
   * The open file that holds a tensor.
   *
   * @param tensor one of {@link #tensorNames()}
   * @throws InvalidInputException if there is no such tensor
   */
  public TensorFile file(String tensor) {
    return files.file(tensor);
  }

  /** The number format of what is not quantized: the embeddings'. */
  public ElementType floatType() {
    String name = config.names().embeddings() + ".weight";
    return file(name).entries().get(name).type();
  }

  /**
   * The quantizer that makes weights as large as the files hold them, told from config.json alone;
   * empty if they are not quantized, or if that cannot be told.
   *
   * @param config of the checkpoint
   * @param formats read weights that are quantized
   */
  public static Optional<WeightQuantizer> quantizer(ModelConfig config, QuantizedFormats formats) {
    return QuantizedPart.quantizer(config, formats);
  }

  /** Whether the weight of a module is quantized in its files. */
  public boolean isQuantized(ModelModule module) {
    return !quantized.tensors(module).isEmpty();
  }

  /**
   * The tensors that the quantized weight of a module consists of; empty if it is not quantized.
   */
  public Set<String> quantizedTensors(ModelModule module) {
    return quantized.tensors(module);
  }

  /**
   * The name of the quantizer that stores weights as these files hold them, if any is quantized.
   */
  public Optional<String> quantizer() {
    return quantized.quantizer();
  }

  /**
   * Reads a weight as it is stored.
   *
   * @param module one of which {@link #isQuantized}
   * @param owner who closes what is read
   */
  public QuantizedWeight readQuantized(ModelModule module, NDManager owner) {
    return quantized.read(module, owner);
  }

  @Override
  public void close() {
    files.close();
  }
}
