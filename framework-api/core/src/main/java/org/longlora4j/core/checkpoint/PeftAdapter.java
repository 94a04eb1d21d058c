package org.longlora4j.core.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.JsonFile;
import org.longlora4j.core.model.ModelModules;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.SafetensorsWriter;
import org.longlora4j.core.tensor.TensorReader;
import org.longlora4j.core.tensor.TensorWriter;

/** An adapter directory in PEFT's format: adapter_config.json and adapter_model.safetensors. */
public final class PeftAdapter implements AutoCloseable {
  private static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final String PREFIX = "base_model.model.";
  private static final String WEIGHT = ".weight";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final Map<String, Object> config;
  private final TensorFile weights;

  private PeftAdapter(Path directory, Map<String, Object> config, TensorFile weights) {
    this.directory = directory;
    this.config = config;
    this.weights = weights;
  }

  /**
   * Opens an adapter.
   *
   * @param directory where it is
   * @return the open adapter, which the caller closes
   * @throws InvalidInputException if it is missing, broken, or a pickle
   */
  public static PeftAdapter open(Path directory) {
    Path configFile = directory.resolve(CONFIG);
    if (!Files.isRegularFile(configFile)) {
      throw new InvalidInputException(
          "%s does not exist. An adapter is a directory with %s and %s."
              .formatted(configFile, CONFIG, WEIGHTS));
    }
    Map<String, Object> config = readConfig(configFile);
    if (!Files.exists(directory.resolve(WEIGHTS))
        && Files.exists(directory.resolve("adapter_model.bin"))) {
      throw new InvalidInputException(
          directory
              + " has a pickle, adapter_model.bin, which is not read: loading one can run any"
              + " code. Load the adapter with PEFT and save it with safe_serialization=True first.");
    }
    return new PeftAdapter(directory, config, SafetensorsFile.open(directory.resolve(WEIGHTS)));
  }

  private static Map<String, Object> readConfig(Path file) {
    return JSON.convertValue(JsonFile.read(file), new TypeReference<>() {});
  }

  /** Where the adapter is. */
  public Path directory() {
    return directory;
  }

  /** The file that describes the adapter, for messages. */
  public Path configFile() {
    return directory.resolve(CONFIG);
  }

  /** The contents of adapter_config.json. */
  public Map<String, Object> config() {
    return config;
  }

  /** The kind of adapter, in lower case: {@code lora}. */
  public String peftType() {
    return String.valueOf(config.getOrDefault("peft_type", "")).toLowerCase(Locale.ROOT);
  }

  /**
   * A base with the vocabulary of this adapter: PEFT saves embeddings and head with an adapter
   * whose model was resized, whether they trained or not.
   *
   * @param base given up for the result
   */
  public Checkpoint resize(Checkpoint base) {
    TensorEntry embeddings = weights.entries().get(key(ModelModules.EMBEDDINGS));
    boolean larger =
        embeddings != null && embeddings.shape().get(0) > base.config().vocabularySize();
    return larger ? base.withTokens((int) embeddings.shape().get(0), OptionalInt.empty()) : base;
  }

  /**
   * A base with the embeddings and the head that this adapter holds though it does not train them.
   *
   * @param base with this adapter's vocabulary; given up for the result
   * @param plan what the adapter trains and wraps
   */
  public Checkpoint withFrozen(Checkpoint base, AdapterPlan plan) {
    Checkpoint all = base;
    for (String module : frozen(plan)) {
      // Of a tied model PEFT saves the head too, which is the embeddings.
      if (base.tensorNames().contains(module + WEIGHT)) {
        all = all.withTensor(module + WEIGHT, weights, key(module));
      }
    }
    return all;
  }

  private List<String> frozen(AdapterPlan plan) {
    return Stream.of(ModelModules.EMBEDDINGS, ModelModules.HEAD)
        .filter(module -> !plan.trained().contains(module))
        .filter(module -> weights.entries().containsKey(key(module)))
        .toList();
  }

  private static String key(String module) {
    return PREFIX + module + WEIGHT;
  }

  /** The adapter's values for the parameters of a model, read when they are asked for. */
  public Composition.SavedParameters parameters(KernelCompiler compiler) {
    TensorReader reader = new TensorReader(compiler);
    return (name, shape, owner) -> read(reader, name, shape, owner);
  }

  private NDArray read(TensorReader reader, String name, Shape shape, NDManager owner) {
    String key = PREFIX + name;
    TensorEntry entry = weights.entries().get(key);
    if (entry == null) {
      throw new InvalidInputException(
          "%s: tensor %s is missing, though %s calls for it."
              .formatted(weights.path(), key, CONFIG));
    }
    if (!entry.shape().equals(shape)) {
      throw new InvalidInputException(
          "%s: tensor %s has the shape %s, must have %s: the adapter is another model's."
              .formatted(weights.path(), key, entry.shape(), shape));
    }
    return reader.read(weights, key, Precision.FLOAT32, owner);
  }

  /**
   * Refuses an adapter that has more than what its configuration calls for.
   *
   * @param used the names of the parameters that were read
   * @param plan what the adapter trains and wraps
   * @throws InvalidInputException with the tensors that no parameter uses
   */
  public void requireNothingBeside(Set<String> used, AdapterPlan plan) {
    TreeSet<String> unused = new TreeSet<>(weights.entries().keySet());
    frozen(plan).forEach(module -> unused.remove(key(module)));
    used.forEach(name -> unused.remove(PREFIX + name));
    if (!unused.isEmpty()) {
      throw new InvalidInputException(
          "%s holds tensors that %s does not call for: %s"
              .formatted(weights.path(), CONFIG, unused));
    }
  }

  /**
   * Writes an adapter.
   *
   * @param directory where to
   * @param config the contents of adapter_config.json
   * @param parameters float32, by module and name
   * @param compiler compiles the kernels that writing needs
   * @throws IOException if the disk does not take it
   */
  public static void write(
      Path directory,
      Map<String, Object> config,
      Map<String, NDArray> parameters,
      KernelCompiler compiler)
      throws IOException {
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    parameters.forEach(
        (name, parameter) ->
            entries.put(PREFIX + name, new TensorEntry(ElementType.F32, parameter.getShape())));
    TensorWriter writer = new TensorWriter(compiler);
    try (SafetensorsWriter file =
        new SafetensorsWriter(directory.resolve(WEIGHTS), Map.of("format", "pt"), entries)) {
      for (Map.Entry<String, NDArray> parameter : parameters.entrySet()) {
        file.begin(PREFIX + parameter.getKey());
        writer.write(parameter.getValue(), ElementType.F32, file);
      }
      file.commit();
    }
    JsonFile.write(directory.resolve(CONFIG), config);
  }

  @Override
  public void close() {
    weights.close();
  }
}
