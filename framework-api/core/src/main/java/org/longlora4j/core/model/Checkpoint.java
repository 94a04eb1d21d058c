package org.longlora4j.core.model;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.tensor.SafetensorsFile;

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
  private final List<TensorFile> files = new ArrayList<>();
  private final Map<String, TensorFile> tensors = new LinkedHashMap<>();

  private Checkpoint(Optional<Path> directory, ModelConfig config) {
    this.directory = directory;
    this.config = config;
  }

  /**
   * Opens a checkpoint and checks that it holds the tensors that its config.json promises, each in
   * the right shape.
   *
   * @param directory where it is
   * @return the open checkpoint, which the caller closes
   * @throws InvalidInputException with all that is wrong
   */
  public static Checkpoint open(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new InvalidInputException(
          directory
              + (Files.exists(directory) ? " is not a directory." : " does not exist.")
              + " A model is a Hugging Face checkpoint directory: config.json and"
              + " model.safetensors.");
    }
    Checkpoint checkpoint = new Checkpoint(Optional.of(directory), ModelConfig.read(directory));
    boolean whole = false;
    try {
      checkpoint.openFiles(directory);
      checkpoint.checkTensors(directory);
      whole = true;
      return checkpoint;
    } finally {
      if (!whole) {
        checkpoint.close();
      }
    }
  }

  /**
   * A checkpoint that exists nowhere yet: weights drawn at random.
   *
   * @param config what it would say in its config.json
   * @param seed decides the weights
   * @param tokenizer the directory of the tokenizer that goes with it
   */
  public static Checkpoint random(ModelConfig config, long seed, Optional<Path> tokenizer) {
    Checkpoint checkpoint = new Checkpoint(tokenizer, config);
    double deviation = config.json().path("initializer_range").asDouble(0.02);
    String dtype = config.json().path("dtype").asText(config.json().path("torch_dtype").asText());
    ElementType type = dtype.equals("bfloat16") ? ElementType.BF16 : ElementType.F32;
    TensorFile weights = new RandomWeights(checkpoint.modules(), type, deviation, seed);
    checkpoint.files.add(weights);
    weights.entries().keySet().forEach(name -> checkpoint.tensors.put(name, weights));
    return checkpoint;
  }

  private void openFiles(Path directory) {
    if (Files.exists(directory.resolve(SINGLE))) {
      TensorFile file = openFile(directory.resolve(SINGLE));
      file.entries().keySet().forEach(name -> tensors.put(name, file));
    } else if (Files.exists(directory.resolve(INDEX))) {
      openShards(directory);
    } else {
      boolean pickled =
          Files.exists(directory.resolve("pytorch_model.bin"))
              || Files.exists(directory.resolve("pytorch_model.bin.index.json"));
      throw new InvalidInputException(
          "%s has neither %s nor %s.".formatted(directory, SINGLE, INDEX)
              + (pickled
                  ? " It has a pickle, pytorch_model.bin, which is not read: loading one can run"
                      + " any code. Convert it to safetensors first."
                  : ""));
    }
  }

  private void openShards(Path directory) {
    Path index = directory.resolve(INDEX);
    JsonNode map = JsonFile.read(index).path("weight_map");
    if (!map.isObject()) {
      throw new InvalidInputException(index + ": weight_map: missing, must be an object.");
    }
    requireShards(directory, index, map);
    Map<String, TensorFile> shards = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      TensorFile shard =
          shards.computeIfAbsent(
              entry.getValue().asText(), name -> openFile(directory.resolve(name)));
      if (!shard.entries().containsKey(entry.getKey())) {
        throw new InvalidInputException(
            "%s: weight_map: says that %s is in %s, which does not have it."
                .formatted(index, entry.getKey(), entry.getValue().asText()));
      }
      tensors.put(entry.getKey(), shard);
    }
  }

  private static void requireShards(Path directory, Path index, JsonNode map) {
    TreeSet<String> missing = new TreeSet<>();
    map.forEach(file -> missing.add(file.asText()));
    missing.removeIf(file -> Files.isRegularFile(directory.resolve(file)));
    if (!missing.isEmpty()) {
      throw new InvalidInputException(
          "%s: weight_map: names files that do not exist: %s. Download them too."
              .formatted(index, String.join(", ", missing)));
    }
  }

  private TensorFile openFile(Path path) {
    TensorFile file = SafetensorsFile.open(path);
    files.add(file);
    return file;
  }

  private void checkTensors(Path directory) {
    List<String> problems = new ArrayList<>();
    TreeSet<String> unknown = new TreeSet<>(tensors.keySet());
    for (ModelModule module : modules()) {
      check(module.name() + ".weight", module.weight(), problems);
      unknown.remove(module.name() + ".weight");
      if (module.bias()) {
        check(module.name() + ".bias", module.weight().slice(0, 1), problems);
        unknown.remove(module.name() + ".bias");
      }
    }
    unknown.removeIf(this::isLeftover);
    String type = "model_type " + config.family().modelType();
    unknown.forEach(name -> problems.add("tensor " + name + " is unknown to " + type));
    if (!problems.isEmpty()) {
      int shown = Math.min(problems.size(), 10);
      String more = problems.size() > shown ? "\n… and " + (problems.size() - shown) + " more" : "";
      throw new InvalidInputException(
          "%s does not fit its config.json:\n%s%s"
              .formatted(directory, String.join("\n", problems.subList(0, shown)), more));
    }
  }

  private void check(String name, Shape shape, List<String> problems) {
    TensorFile file = tensors.get(name);
    if (file == null) {
      problems.add("tensor " + name + " is missing, must have the shape " + shape);
      return;
    }
    TensorEntry entry = file.entries().get(name);
    if (!entry.shape().equals(shape)) {
      problems.add(
          "tensor %s has the shape %s, must have %s".formatted(name, entry.shape(), shape));
    } else if (!entry.type().isFloatingPoint()) {
      problems.add("tensor %s holds %s, must hold floating point".formatted(name, entry.type()));
    }
  }

  /** What old versions of transformers saved, though it follows from config.json. */
  private boolean isLeftover(String name) {
    return name.endsWith("rotary_emb.inv_freq")
        || (config.tied() && name.equals(ModelModules.HEAD + ".weight"));
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
    return ModelModules.of(config);
  }

  /** The names of all tensors, leftovers included, in the files' order. */
  public List<String> tensorNames() {
    return List.copyOf(tensors.keySet());
  }

  /**
   * The open file that holds a tensor.
   *
   * @param tensor one of {@link #tensorNames()}
   * @throws IllegalArgumentException if there is no such tensor
   */
  public TensorFile file(String tensor) {
    TensorFile file = tensors.get(tensor);
    if (file == null) {
      throw new IllegalArgumentException(directory + " has no tensor " + tensor);
    }
    return file;
  }

  @Override
  public void close() {
    files.forEach(TensorFile::close);
  }
}
