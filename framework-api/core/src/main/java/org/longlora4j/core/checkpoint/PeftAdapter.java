package org.longlora4j.core.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.model.DecoderNames;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.JsonFile;
import org.longlora4j.core.tensor.SafetensorsWriter;
import org.longlora4j.core.tensor.TensorReader;
import org.longlora4j.core.tensor.TensorWriter;

/**
 * An adapter directory in PEFT's format: adapter_config.json and adapter_model.safetensors. One
 * that the published LongLoRA code left, as pickles, is read too.
 */
public final class PeftAdapter implements AutoCloseable {
  private static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = AdapterTensors.WEIGHTS;
  private static final String PREFIX = AdapterTensors.PREFIX;
  private static final int DIGEST_BYTES = 1 << 20;
  private static final String WEIGHT = ".weight";
  private static final String WHOLE = "modules_to_save";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final Map<String, Object> config;
  private final AdapterTensors tensors;

  private PeftAdapter(Path directory, Map<String, Object> config, AdapterTensors tensors) {
    this.directory = directory;
    this.config = config;
    this.tensors = tensors;
  }

  /**
   * Opens an adapter.
   *
   * @param directory where it is
   * @return the open adapter, which the caller closes
   * @throws InvalidInputException if it is missing, broken, or a pickle of more than tensors
   */
  public static PeftAdapter open(Path directory) {
    Path configFile = directory.resolve(CONFIG);
    if (!Files.isRegularFile(configFile)) {
      throw new InvalidInputException(
          "%s does not exist. An adapter is a directory with %s and %s."
              .formatted(configFile, CONFIG, WEIGHTS));
    }
    Map<String, Object> config = readConfig(configFile);
    AdapterTensors tensors = AdapterTensors.open(directory);
    if (config.get(WHOLE) == null && !tensors.savedWhole().isEmpty()) {
      // The published LongLoRA code trains them beside PEFT, whose configuration does not know.
      config.put(WHOLE, tensors.savedWhole());
    }
    return new PeftAdapter(directory, config, tensors);
  }

  private static Map<String, Object> readConfig(Path file) {
    return JSON.convertValue(
        JsonFile.read(file), new TypeReference<LinkedHashMap<String, Object>>() {});
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
    int rows =
        tensors
            .saved(key(base.config().names().embeddings()))
            .map(embeddings -> (int) embeddings.entry().shape().get(0))
            .orElse(0);
    return rows > base.config().vocabularySize()
        ? base.withTokens(rows, OptionalInt.empty())
        : base;
  }

  /**
   * A base with the embeddings and the head that this adapter holds though it does not train them.
   *
   * @param base with this adapter's vocabulary; given up for the result
   * @param plan what the adapter trains and wraps
   */
  public Checkpoint withFrozen(Checkpoint base, AdapterPlan plan) {
    Checkpoint all = base;
    for (String module : frozen(plan, base.config().names())) {
      // Of a tied model PEFT saves the head too, which is the embeddings.
      if (base.tensorNames().contains(module + WEIGHT)) {
        AdapterTensors.Located saved = tensors.saved(key(module)).orElseThrow();
        all = all.withTensor(module + WEIGHT, saved.file(), saved.name());
      }
    }
    return all;
  }

  private List<String> frozen(AdapterPlan plan, DecoderNames names) {
    return Stream.of(names.embeddings(), names.head())
        .filter(module -> !plan.trained().contains(module))
        .filter(module -> tensors.saved(key(module)).isPresent())
        .toList();
  }

  private static String key(String module) {
    return PREFIX + module + WEIGHT;
  }

  /**
   * Tells this adapter's weights from every other's: the SHA-256 of the file that PEFT saved.
   *
   * @return in hexadecimal
   */
  public String digest() {
    try (FileChannel file = FileChannel.open(tensors.path())) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      ByteBuffer bytes = ByteBuffer.allocateDirect(DIGEST_BYTES);
      while (file.read(bytes.clear()) >= 0) {
        digest.update(bytes.flip());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new UncheckedIOException(tensors.path() + " cannot be read", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The adapter's values for the parameters of a model, read when they are asked for. */
  public Composition.SavedParameters parameters(KernelCompiler compiler) {
    TensorReader reader = new TensorReader(compiler);
    return (name, shape, owner) -> read(reader, name, shape, owner);
  }

  private NDArray read(TensorReader reader, String name, Shape shape, NDManager owner) {
    String key = PREFIX + name;
    AdapterTensors.Located tensor =
        tensors
            .find(key, shape)
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "%s: tensor %s is missing, though %s calls for it."
                            .formatted(tensors.path(), key, CONFIG)));
    if (!tensor.entry().shape().equals(shape)) {
      throw new InvalidInputException(
          "%s: tensor %s has the shape %s, must have %s: the adapter is another model's."
              .formatted(tensor.file().path(), key, tensor.entry().shape(), shape));
    }
    return reader.read(tensor.file(), tensor.name(), Precision.FLOAT32, owner);
  }

  /**
   * Refuses an adapter that has more than what its configuration calls for.
   *
   * @param used the names of the parameters that were read
   * @param plan what the adapter trains and wraps
   * @param names of the base's parts
   * @throws InvalidInputException with the tensors that no parameter uses
   */
  public void requireNothingBeside(Set<String> used, AdapterPlan plan, DecoderNames names) {
    TreeSet<String> unused = new TreeSet<>(tensors.names());
    frozen(plan, names).forEach(module -> unused.remove(key(module)));
    used.forEach(name -> unused.remove(PREFIX + name));
    if (!unused.isEmpty()) {
      throw new InvalidInputException(
          "%s holds tensors that %s does not call for: %s"
              .formatted(tensors.path(), CONFIG, unused));
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
    tensors.close();
  }
}
