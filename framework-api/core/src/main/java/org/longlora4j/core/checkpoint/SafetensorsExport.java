package org.longlora4j.core.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.core.data.TokenizerFiles;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.JsonFile;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.tensor.AtomicDirectory;
import org.longlora4j.core.tensor.SafetensorsWriter;
import org.longlora4j.core.tensor.TensorWriter;
import org.longlora4j.core.tensor.TorchServices;

/**
 * Writes a model as transformers' {@code save_pretrained} does: in one number format, in files of a
 * limited size, with an index if there are several.
 *
 * <p>Tensors go through one by one. The directory appears when it is whole.
 */
public final class SafetensorsExport {
  private static final Pattern LAYER = Pattern.compile(".*?\\.\\d+\\.");

  private final AdaptedCheckpoint source;
  private final MergedWeights weights;
  private final TorchServices services;
  private final TensorWriter writer;

  /**
   * What was written.
   *
   * @param output the new checkpoint
   * @param format the number format of all its tensors
   * @param files how many files hold tensors
   * @param tensors how many there are
   * @param bytes of all tensors
   */
  public record Result(Path output, NumberFormat format, int files, int tensors, long bytes) {}

  /** Prepares to write an open model, its adapter merged into it. */
  public SafetensorsExport(AdaptedCheckpoint source, TorchServices services) {
    this.source = source;
    this.services = services;
    weights = new MergedWeights(source, services);
    writer = new TensorWriter(services.compiler());
  }

  /**
   * Writes the checkpoint.
   *
   * @param output where it will appear
   * @param format the number format of all tensors
   * @param maxFileBytes the most bytes of tensors in one file; a tensor that is larger gets a file
   *     of its own
   * @throws InvalidInputException if there is something there already, or a value does not fit
   * @throws IOException if the disk does not take it
   */
  public Result write(Path output, NumberFormat format, long maxFileBytes) throws IOException {
    if (source.base().config().multimodal()) {
      throw new InvalidInputException(
          "%s describes a multimodal model, of which only the language model could be converted. Use merge, which keeps the other tensors as they are."
              .formatted(source.base().config().file()));
    }
    List<List<MergedWeights.Tensor>> files =
        files(inTransformersOrder(weights.tensors()), format, maxFileBytes);
    try (AtomicDirectory directory = AtomicDirectory.forNew(output)) {
      Map<String, String> fileOf = new TreeMap<>();
      long elements = 0;
      for (int i = 0; i < files.size(); i++) {
        String name = fileName(i, files.size());
        writeFile(directory.path().resolve(name), files.get(i), format);
        for (MergedWeights.Tensor tensor : files.get(i)) {
          fileOf.put(tensor.name(), name);
          elements += tensor.shape().size();
        }
      }
      weights.requireAllRead();
      long bytes = elements * format.type().bytes();
      if (files.size() > 1) {
        writeIndex(directory.path(), fileOf, elements, bytes);
      }
      JsonFile.write(directory.path().resolve("config.json"), config(format));
      if (source.base().directory().isPresent()) {
        CheckpointExport.copyBeside(source.base().directory().get(), directory.path());
      }
      Optional<TokenizerFiles> tokenizer = source.adapterTokenizer();
      if (tokenizer.isPresent()) {
        tokenizer.get().write(directory.path());
      }
      directory.commit();
      return new Result(output, format, files.size(), fileOf.size(), bytes);
    }
  }

  private static String fileName(int index, int count) {
    return count == 1
        ? Checkpoint.SINGLE
        : String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", index + 1, count);
  }

  /** A layer's norms come after its projections in transformers' state dictionaries. */
  private static List<MergedWeights.Tensor> inTransformersOrder(
      List<MergedWeights.Tensor> tensors) {
    Map<String, List<MergedWeights.Tensor>> groups = new LinkedHashMap<>();
    for (MergedWeights.Tensor tensor : tensors) {
      Matcher layer = LAYER.matcher(tensor.name());
      String group = layer.lookingAt() ? layer.group() : tensor.name();
      groups.computeIfAbsent(group, name -> new ArrayList<>()).add(tensor);
    }
    List<MergedWeights.Tensor> ordered = new ArrayList<>();
    for (List<MergedWeights.Tensor> group : groups.values()) {
      group.stream().filter(tensor -> !isNorm(tensor)).forEach(ordered::add);
      group.stream().filter(SafetensorsExport::isNorm).forEach(ordered::add);
    }
    return ordered;
  }

  private static boolean isNorm(MergedWeights.Tensor tensor) {
    return tensor.kind() == ModelModule.Kind.NORM;
  }

  /** Fills one file after another, as huggingface_hub divides a state dictionary. */
  private static List<List<MergedWeights.Tensor>> files(
      List<MergedWeights.Tensor> tensors, NumberFormat format, long maxFileBytes) {
    List<List<MergedWeights.Tensor>> files = new ArrayList<>();
    List<MergedWeights.Tensor> current = new ArrayList<>();
    long size = 0;
    for (MergedWeights.Tensor tensor : tensors) {
      long bytes = tensor.shape().size() * format.type().bytes();
      if (bytes > maxFileBytes) {
        files.add(List.of(tensor));
        continue;
      }
      if (size + bytes > maxFileBytes) {
        files.add(current);
        current = new ArrayList<>();
        size = 0;
      }
      current.add(tensor);
      size += bytes;
    }
    if (!current.isEmpty()) {
      files.add(current);
    }
    return files;
  }

  private void writeFile(Path path, List<MergedWeights.Tensor> tensors, NumberFormat format)
      throws IOException {
    Map<String, TensorEntry> entries = new TreeMap<>();
    tensors.forEach(
        tensor -> entries.put(tensor.name(), new TensorEntry(format.type(), tensor.shape())));
    try (SafetensorsWriter file = new SafetensorsWriter(path, Map.of("format", "pt"), entries)) {
      for (MergedWeights.Tensor tensor : tensors) {
        try (NDManager scope = services.engine().newManager()) {
          NDArray values = weights.read(tensor, scope);
          format.requireHolds(tensor.name(), values);
          file.begin(tensor.name());
          writer.write(values, format.type(), file);
        }
      }
      file.commit();
    }
  }

  private static void writeIndex(
      Path directory, Map<String, String> fileOf, long elements, long bytes) throws IOException {
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index.putObject("metadata").put("total_parameters", elements).put("total_size", bytes);
    ObjectNode map = index.putObject("weight_map");
    fileOf.forEach(map::put);
    JsonFile.write(directory.resolve(Checkpoint.INDEX), index);
  }

  private ObjectNode config(NumberFormat format) {
    ObjectNode config = weights.config();
    config.remove(ModelConfig.QUANTIZATION);
    // transformers reads dtype since 4.56, and before that torch_dtype.
    return config.put("dtype", format.key()).put("torch_dtype", format.key());
  }
}
