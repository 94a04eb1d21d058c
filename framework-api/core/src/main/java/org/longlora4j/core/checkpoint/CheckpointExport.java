package org.longlora4j.core.checkpoint;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.quantization.QuantizedStorage;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.data.TokenizerFiles;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.JsonFile;
import org.longlora4j.core.model.WeightReader;
import org.longlora4j.core.tensor.SafetensorsWriter;
import org.longlora4j.core.tensor.TensorWriter;
import org.longlora4j.core.tensor.TorchEngine;
import org.longlora4j.core.tensor.TorchServices;

/**
 * Writes a checkpoint that differs from another in some of its tensors, in how its weights are
 * kept, and in its config.json.
 *
 * <p>Tensors go through one by one, in the files that the base has them in, floats in its number
 * formats; those that do not change are copied as bytes. A single file is named as one without an
 * index must be, whatever the base calls it.
 */
final class CheckpointExport {
  private static final int COPY_BYTES = 1 << 24;
  private static final List<String> BESIDE =
      List.of(
          "generation_config.json",
          "preprocessor_config.json",
          "processor_config.json",
          "video_preprocessor_config.json");

  private final Checkpoint base;
  private final String head;
  private final String embeddings;
  private final WeightStorage storage;
  private final TorchEngine engine;
  private final WeightReader reader;
  private final TensorWriter writer;

  /**
   * Prepares to write.
   *
   * @throws InvalidInputException if the base is multimodal and is to be quantized
   */
  CheckpointExport(Checkpoint base, WeightStorage storage, TorchServices services) {
    if (base.config().multimodal() && storage instanceof WeightStorage.Quantized) {
      throw new InvalidInputException(
          "%s describes a multimodal model, which is written as floats only: readers would take its other weights for quantized too."
              .formatted(base.config().file()));
    }
    this.base = base;
    this.head = base.config().names().head() + ".weight";
    this.embeddings = base.config().names().embeddings() + ".weight";
    this.storage = storage;
    this.engine = services.engine();
    this.reader = new WeightReader(services.compiler());
    this.writer = new TensorWriter(services.compiler());
  }

  /** What becomes of a tensor. */
  @FunctionalInterface
  interface Replacement {
    /**
     * Gives the new values of a tensor.
     *
     * @param name a module's weight or bias
     * @param scope for the result and what is needed on the way
     * @return float32; empty for a tensor that stays as it is
     */
    Optional<NDArray> of(String name, NDManager scope);
  }

  /** One weight or bias of the new checkpoint. */
  private sealed interface Part {}

  /**
   * Floating-point numbers.
   *
   * @param dequantized the module whose weight it is, if the base has it quantized
   */
  private record Floats(String name, TensorEntry entry, Optional<ModelModule> dequantized)
      implements Part {}

  /** What is not the language model's, as it is. */
  private record Other(String name, TensorEntry entry) implements Part {}

  /** A weight that is quantized. */
  private record Quantized(
      ModelModule module, WeightStorage.Quantized storage, QuantizedStorage.Layout layout)
      implements Part {
    String name() {
      return module.name() + ".weight";
    }
  }

  /**
   * Writes the checkpoint.
   *
   * @param output an empty directory
   * @param config the new config.json, but for how its weights are kept
   * @param replacement what becomes of each tensor
   * @param untied whether the head of a tied base gets a tensor of its own: the base's embeddings
   * @return how many bytes its tensors take
   * @throws IOException if the disk does not take it
   */
  long write(Path output, ObjectNode config, Replacement replacement, boolean untied)
      throws IOException {
    Map<Path, List<Part>> files = parts(untied);
    Map<String, Map<String, TensorEntry>> written = new LinkedHashMap<>();
    for (Map.Entry<Path, List<Part>> file : files.entrySet()) {
      String name = files.size() == 1 ? Checkpoint.SINGLE : file.getKey().getFileName().toString();
      written.put(name, writeFile(output.resolve(name), file.getValue(), replacement));
    }
    long size =
        written.values().stream()
            .flatMap(entries -> entries.values().stream())
            .mapToLong(TensorEntry::bytes)
            .sum();
    if (written.size() > 1) {
      writeIndex(output, written, size);
    }
    ObjectNode described = config.deepCopy();
    storage.describe(described, base.floatType());
    JsonFile.write(output.resolve("config.json"), described);
    if (base.directory().isPresent()) {
      copyBeside(base.directory().get(), output);
    }
    return size;
  }

  /** Copies what lies beside the weights of a checkpoint and is no weight. */
  static void copyBeside(Path source, Path output) throws IOException {
    List<String> names = new ArrayList<>(TokenizerFiles.NAMES);
    names.addAll(BESIDE);
    for (String name : names) {
      if (Files.isRegularFile(source.resolve(name))) {
        Files.copy(source.resolve(name), output.resolve(name), REPLACE_EXISTING);
      }
    }
  }

  /** What each file of the base turns into; leftovers into nothing. */
  private Map<Path, List<Part>> parts(boolean untied) {
    Map<String, ModelModule> weights = new HashMap<>(); // by the tensors that they consist of
    Set<String> biases = new HashSet<>();
    for (ModelModule module : base.modules()) {
      base.quantizedTensors(module).forEach(tensor -> weights.put(tensor, module));
      if (!base.isQuantized(module)) {
        weights.put(module.name() + ".weight", module);
      }
      if (module.bias()) {
        biases.add(module.name() + ".bias");
      }
    }
    Set<String> others = base.otherTensors();
    Map<Path, List<Part>> files = new LinkedHashMap<>();
    Set<ModelModule> seen = new HashSet<>();
    for (String name : base.tensorNames()) {
      TensorFile file = base.file(name);
      List<Part> parts = files.computeIfAbsent(file.path(), path -> new ArrayList<>());
      if (others.contains(name)) {
        parts.add(new Other(name, file.entries().get(name)));
      } else if (biases.contains(name)) {
        parts.add(new Floats(name, file.entries().get(name), Optional.empty()));
      } else if (weights.containsKey(name) && seen.add(weights.get(name))) {
        parts.add(weight(weights.get(name)));
      }
      if (untied && name.equals(embeddings)) {
        parts.add(new Floats(head, file.entries().get(embeddings), Optional.empty()));
      }
    }
    files.values().removeIf(List::isEmpty);
    return files;
  }

  private Part weight(ModelModule module) {
    if (storage instanceof WeightStorage.Quantized quantized && quantized.quantizes(module)) {
      return new Quantized(module, quantized, quantized.storage().layout(module));
    }
    return new Floats(
        module.name() + ".weight",
        new TensorEntry(floatType(module), module.weight()),
        Optional.of(module).filter(base::isQuantized));
  }

  /** The number format of a weight, before it was quantized if it is. */
  private ElementType floatType(ModelModule module) {
    String name = module.name() + ".weight";
    return base.isQuantized(module) ? base.floatType() : base.file(name).entries().get(name).type();
  }

  private Map<String, TensorEntry> writeFile(Path path, List<Part> parts, Replacement replacement)
      throws IOException {
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    Set<String> texts = new HashSet<>();
    for (Part part : parts) {
      if (part instanceof Quantized quantized) {
        entries.putAll(quantized.layout().tensors());
        texts.addAll(quantized.layout().texts());
      } else if (part instanceof Floats floats) {
        entries.put(floats.name(), floats.entry());
      } else if (part instanceof Other other) {
        entries.put(other.name(), other.entry());
      }
    }
    try (SafetensorsWriter file =
        new SafetensorsWriter(path, Map.of("format", "pt"), entries, texts)) {
      for (Part part : parts) {
        try (NDManager scope = engine.newManager()) {
          if (part instanceof Quantized quantized) {
            write(file, quantized, replacement.of(quantized.name(), scope), scope);
          } else if (part instanceof Floats floats) {
            write(file, floats, replacement.of(floats.name(), scope), scope);
          } else if (part instanceof Other other) {
            file.begin(other.name());
            copy(file, other.name());
          }
        }
      }
      file.commit();
      return file.entries();
    }
  }

  private void write(
      SafetensorsWriter file, Floats part, Optional<NDArray> changed, NDManager scope)
      throws IOException {
    file.begin(part.name());
    if (changed.isPresent()) {
      writer.write(changed.get(), part.entry().type(), file);
    } else if (part.dequantized().isPresent()) {
      NDArray weight = reader.weight(base, part.dequantized().get(), Precision.FLOAT32, scope);
      writer.write(weight, part.entry().type(), file);
    } else {
      copy(file, source(part.name()));
    }
  }

  private void write(
      SafetensorsWriter file, Quantized part, Optional<NDArray> changed, NDManager scope)
      throws IOException {
    if (changed.isEmpty() && isStoredSo(part)) {
      for (String name : part.layout().tensors().keySet()) {
        file.begin(name);
        copy(file, name);
      }
      for (String name : part.layout().texts()) {
        ByteBuffer bytes = base.file(name).bytes(name);
        byte[] text = new byte[bytes.remaining()];
        bytes.get(text);
        file.text(name, text);
      }
      return;
    }
    ModelModule module = part.module();
    NDArray weight =
        changed.isPresent() ? changed.get() : reader.weight(base, module, Precision.FLOAT32, scope);
    part.storage().write(module, weight, floatType(module), file, scope);
  }

  /** Whether the base has the weight in just the tensors that it is to be written as. */
  private boolean isStoredSo(Quantized part) {
    Set<String> wanted = new HashSet<>(part.layout().tensors().keySet());
    wanted.addAll(part.layout().texts());
    return base.quantizedTensors(part.module()).equals(wanted)
        && part.layout().tensors().entrySet().stream()
            .allMatch(
                tensor ->
                    base.file(tensor.getKey())
                        .entries()
                        .get(tensor.getKey())
                        .equals(tensor.getValue()));
  }

  /** The tensor that a copy is made of: a tied head's own, if there is one, is a leftover. */
  private String source(String name) {
    return base.config().tied() && name.equals(head) ? embeddings : name;
  }

  private void copy(SafetensorsWriter file, String name) throws IOException {
    TensorFile source = base.file(name);
    long size = source.entries().get(name).bytes();
    for (long start = 0; start < size; start += COPY_BYTES) {
      ByteBuffer bytes = source.bytes(name, start, (int) Math.min(COPY_BYTES, size - start));
      file.write(bytes);
    }
  }

  private static void writeIndex(
      Path output, Map<String, Map<String, TensorEntry>> files, long size) throws IOException {
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index.putObject("metadata").put("total_size", size);
    ObjectNode map = index.putObject("weight_map");
    files.forEach((file, entries) -> entries.keySet().forEach(name -> map.put(name, file)));
    JsonFile.write(output.resolve(Checkpoint.INDEX), index);
  }
}
