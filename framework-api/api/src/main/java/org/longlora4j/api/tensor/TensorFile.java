package org.longlora4j.api.tensor;

import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/** An open safetensors file. */
@ProviderType
public interface TensorFile extends TensorSource, AutoCloseable {
  /** The free-form {@code __metadata__} of the header. */
  Map<String, String> metadata();

  @Override
  void close();
}
