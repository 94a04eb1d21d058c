package org.longlora4j.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.api.tensor.TensorSource;
import org.longlora4j.core.tensor.SafetensorsFile;

/** The open files of a checkpoint, and which of them holds a tensor. */
final class CheckpointFiles implements TensorSource, AutoCloseable {
  private final Path path;
  private final List<TensorFile> files = new ArrayList<>();
  private final Map<String, TensorFile> tensors = new LinkedHashMap<>();
  private final Map<String, TensorEntry> entries = new LinkedHashMap<>();

  private CheckpointFiles(Path path) {
    this.path = path;
  }

  /**
   * Opens the files of a directory: one, or several with an index.
   *
   * @throws InvalidInputException if there are none, or they do not fit the index
   */
  static CheckpointFiles in(Path directory) {
    CheckpointFiles files = new CheckpointFiles(directory);
    boolean whole = false;
    try {
      files.open();
      whole = true;
      return files;
    } finally {
      if (!whole) {
        files.close();
      }
    }
  }

  /** A single file, which is closed with the result. */
  static CheckpointFiles of(TensorFile file) {
    CheckpointFiles files = new CheckpointFiles(file.path());
    files.files.add(file);
    file.entries().keySet().forEach(name -> files.add(name, file));
    return files;
  }

  /**
   * The same files, with another place for one tensor. This is given up for the result.
   *
   * @param name one of {@link #entries()}
   * @param file holds the tensor; what it reads from is closed by others
   */
  CheckpointFiles with(String name, TensorFile file) {
    CheckpointFiles changed = new CheckpointFiles(path);
    changed.files.addAll(files);
    changed.tensors.putAll(tensors);
    changed.entries.putAll(entries);
    changed.add(name, file);
    return changed;
  }

  private void open() {
    if (Files.exists(path.resolve(Checkpoint.SINGLE))) {
      TensorFile file = openFile(path.resolve(Checkpoint.SINGLE));
      file.entries().keySet().forEach(name -> add(name, file));
    } else if (Files.exists(path.resolve(Checkpoint.INDEX))) {
      openShards(path.resolve(Checkpoint.INDEX));
    } else {
      boolean pickled =
          Files.exists(path.resolve("pytorch_model.bin"))
              || Files.exists(path.resolve("pytorch_model.bin.index.json"));
      throw new InvalidInputException(
          "%s has neither %s nor %s.".formatted(path, Checkpoint.SINGLE, Checkpoint.INDEX)
              + (pickled
                  ? " It has a pickle, pytorch_model.bin, which is not read: loading one can run"
                      + " any code. Convert it to safetensors first."
                  : ""));
    }
  }

  private void openShards(Path index) {
    JsonNode map = JsonFile.read(index).path("weight_map");
    if (!map.isObject()) {
      throw new InvalidInputException(index + ": weight_map: missing, must be an object.");
    }
    requireShards(index, map);
    Map<String, TensorFile> shards = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      TensorFile shard =
          shards.computeIfAbsent(entry.getValue().asText(), name -> openFile(path.resolve(name)));
      if (!shard.entries().containsKey(entry.getKey())) {
        throw new InvalidInputException(
            "%s: weight_map: says that %s is in %s, which does not have it."
                .formatted(index, entry.getKey(), entry.getValue().asText()));
      }
      add(entry.getKey(), shard);
    }
  }

  private void requireShards(Path index, JsonNode map) {
    TreeSet<String> missing = new TreeSet<>();
    map.forEach(file -> missing.add(file.asText()));
    missing.removeIf(file -> Files.isRegularFile(path.resolve(file)));
    if (!missing.isEmpty()) {
      throw new InvalidInputException(
          "%s: weight_map: names files that do not exist: %s. Download them too."
              .formatted(index, String.join(", ", missing)));
    }
  }

  private TensorFile openFile(Path file) {
    TensorFile open = SafetensorsFile.open(file);
    files.add(open);
    return open;
  }

  private void add(String name, TensorFile file) {
    tensors.put(name, file);
    entries.put(name, file.entries().get(name));
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Map<String, TensorEntry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  @Override
  public ByteBuffer bytes(String name, long offset, int length) {
    return file(name).bytes(name, offset, length);
  }

  /**
   * The open file that holds a tensor.
   *
   * @throws InvalidInputException if there is no such tensor
   */
  TensorFile file(String tensor) {
    TensorFile file = tensors.get(tensor);
    if (file == null) {
      throw new InvalidInputException(path + " has no tensor " + tensor);
    }
    return file;
  }

  @Override
  public void close() {
    files.forEach(TensorFile::close);
  }
}
