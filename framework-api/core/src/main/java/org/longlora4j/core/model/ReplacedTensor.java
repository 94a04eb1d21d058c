package org.longlora4j.core.model;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;

/** A tensor of another file that takes the place of one in a checkpoint's. */
final class ReplacedTensor implements TensorFile {
  private final TensorFile file;
  private final String name;
  private final TensorFile source;
  private final String sourceName;

  /**
   * Puts one tensor in another's place.
   *
   * @param file where the tensor seems to be
   * @param name what it is called there
   * @param source where it is; its owner closes it
   * @param sourceName what it is called
   */
  ReplacedTensor(TensorFile file, String name, TensorFile source, String sourceName) {
    this.file = file;
    this.name = name;
    this.source = source;
    this.sourceName = sourceName;
  }

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
    return Map.of(name, source.entries().get(sourceName));
  }

  @Override
  public ByteBuffer bytes(String tensor, long offset, int length) {
    return source.bytes(sourceName, offset, length);
  }

  @Override
  public void close() {
    // the owners of both files close them
  }
}
