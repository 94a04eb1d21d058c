package org.longlora4j.api.tensor;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/** Named tensors on disk: those of one file, or of all files of a checkpoint. */
@ProviderType
public interface TensorSource {
  /** Where they are, for messages: a file or a directory. */
  Path path();

  /** Every tensor's description by name, in the order of the files' headers. */
  Map<String, TensorEntry> entries();

  /**
   * Part of the bytes of one tensor, little-endian and read-only, with no more of the file in
   * memory.
   *
   * @param name a key of {@link #entries()}
   * @param offset where to start, in bytes from the tensor's first
   * @param length how many bytes
   * @return a buffer valid until the file is closed
   * @throws org.longlora4j.api.plugin.InvalidInputException if there is no such tensor
   * @throws IndexOutOfBoundsException if the tensor does not hold that range
   */
  ByteBuffer bytes(String name, long offset, int length);

  /**
   * All bytes of one tensor of at most 2 GiB.
   *
   * @param name a key of {@link #entries()}
   * @return as {@link #bytes(String, long, int)}
   * @throws org.longlora4j.api.plugin.InvalidInputException if there is no such tensor
   * @throws ArithmeticException if the tensor is larger than a buffer can be
   */
  default ByteBuffer bytes(String name) {
    TensorEntry entry = entries().get(name);
    return bytes(name, 0, entry == null ? 0 : Math.toIntExact(entry.bytes()));
  }
}
