package org.longlora4j.api.tensor;

import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;

/** Opens safetensors files. Ask for it in the constructor of an extension. */
@ProviderType
public interface TensorFiles {
  /**
   * Maps a safetensors file; nothing is read until a tensor is asked for.
   *
   * @param file the path
   * @return the open file, which the caller closes
   * @throws org.longlora4j.api.plugin.InvalidInputException if the file is missing, truncated or
   *     not safetensors
   */
  TensorFile open(Path file);
}
