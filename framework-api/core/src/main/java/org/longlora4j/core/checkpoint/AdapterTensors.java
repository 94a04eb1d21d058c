package org.longlora4j.core.checkpoint;

import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.TorchArchive;

/**
 * The tensors of an adapter directory, by the names that PEFT gives them.
 *
 * <p>Those of {@code adapter_model.safetensors}, or of the older {@code adapter_model.bin}; and of
 * {@code trainable_params.bin} if there is one, where the published LongLoRA code puts embeddings
 * and norms under the names of the base.
 */
final class AdapterTensors implements AutoCloseable {
  /** The file of PEFT's adapters today. */
  static final String WEIGHTS = "adapter_model.safetensors";

  /** What PEFT puts before the names of the base. */
  static final String PREFIX = "base_model.model.";

  private static final String PICKLED = "adapter_model.bin";
  private static final String TRAINABLE = "trainable_params.bin";

  private final TensorFile weights;
  private final Optional<TensorFile> trainable;

  private AdapterTensors(TensorFile weights, Optional<TensorFile> trainable) {
    this.weights = weights;
    this.trainable = trainable;
  }

  /**
   * Opens the files.
   *
   * @throws InvalidInputException if there are none, or one is broken
   */
  static AdapterTensors open(Path directory) {
    Path pickled = directory.resolve(PICKLED);
    boolean old = !Files.exists(directory.resolve(WEIGHTS)) && Files.exists(pickled);
    TensorFile weights =
        old ? TorchArchive.open(pickled) : SafetensorsFile.open(directory.resolve(WEIGHTS));
    boolean opened = false;
    try {
      Path beside = directory.resolve(TRAINABLE);
      Optional<TensorFile> trainable =
          Files.exists(beside) ? Optional.of(TorchArchive.open(beside)) : Optional.empty();
      opened = true;
      return new AdapterTensors(weights, trainable);
    } finally {
      if (!opened) {
        weights.close();
      }
    }
  }

  /** The modules that the published LongLoRA code saved whole, by the last part of their names. */
  List<String> savedWhole() {
    return trainable.stream()
        .flatMap(file -> file.entries().keySet().stream())
        .map(name -> name.replaceFirst("\\.[^.]*$", ""))
        .map(module -> module.substring(module.lastIndexOf('.') + 1))
        .distinct()
        .toList();
  }

  /** The names of all tensors. */
  Set<String> names() {
    Set<String> names = new LinkedHashSet<>(weights.entries().keySet());
    trainable.ifPresent(file -> file.entries().keySet().forEach(name -> names.add(PREFIX + name)));
    return names;
  }

  /** The file that holds what PEFT saved. */
  Path path() {
    return weights.path();
  }

  /** One tensor, where it is. */
  record Located(TensorFile file, String name) {
    TensorEntry entry() {
      return file.entries().get(name);
    }
  }

  /** A tensor that PEFT saved, whatever its shape. */
  Optional<Located> saved(String name) {
    return weights.entries().containsKey(name)
        ? Optional.of(new Located(weights, name))
        : Optional.empty();
  }

  /**
   * Finds a tensor.
   *
   * @param name as PEFT has it
   * @param shape what it must have
   * @return empty if there is none of that name
   */
  Optional<Located> find(String name, Shape shape) {
    if (weights.entries().containsKey(name)) {
      return Optional.of(new Located(weights, name));
    }
    String ofBase = name.substring(PREFIX.length());
    return trainable
        .filter(file -> file.entries().containsKey(ofBase))
        .map(file -> new Located(withoutAddedTokens(file, ofBase, shape), ofBase));
  }

  /**
   * The published code adds a token for padding to the vocabulary and its row to the embeddings,
   * which the base that the adapter belongs to does not have.
   */
  private static TensorFile withoutAddedTokens(TensorFile file, String name, Shape shape) {
    Shape stored = file.entries().get(name).shape();
    boolean rowsAdded =
        stored.dimension() == 2
            && shape.dimension() == 2
            && stored.get(0) > shape.get(0)
            && stored.get(1) == shape.get(1);
    return rowsAdded ? new FirstRows(file, shape) : file;
  }

  /** A file whose tensors are read as if they had only their first rows. */
  private record FirstRows(TensorFile file, Shape shape) implements TensorFile {
    @Override
    public Path path() {
      return file.path();
    }

    @Override
    public Map<String, String> metadata() {
      return file.metadata();
    }

    @Override
    public Map<String, TensorEntry> entries() {
      Map<String, TensorEntry> entries = new LinkedHashMap<>();
      file.entries().forEach((name, e) -> entries.put(name, new TensorEntry(e.type(), shape)));
      return entries;
    }

    @Override
    public ByteBuffer bytes(String name, long offset, int length) {
      return file.bytes(name, offset, length);
    }

    @Override
    public void close() {
      file.close();
    }
  }

  @Override
  public void close() {
    List<TensorFile> files = new ArrayList<>(List.of(weights));
    trainable.ifPresent(files::add);
    files.forEach(TensorFile::close);
  }
}
