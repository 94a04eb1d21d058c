package org.longlora4j.core.checkpoint;

import static java.util.Objects.requireNonNull;

import com.google.inject.Module;
import java.util.Optional;
import org.longlora4j.api.quantization.QuantizedFormat;
import org.longlora4j.core.model.QuantizedFormats;
import org.longlora4j.core.plugin.ExtensionRegistry;

/**
 * The formats of quantized checkpoints that plugins read.
 *
 * @param registry knows them
 * @param services what their constructors may ask for
 */
public record RegisteredFormats(ExtensionRegistry registry, Module services)
    implements QuantizedFormats {
  /** Requires both parts. */
  public RegisteredFormats {
    requireNonNull(registry, "registry is null");
    requireNonNull(services, "services is null");
  }

  @Override
  public Optional<QuantizedFormat> find(String method) {
    return registry.createUnnamed(QuantizedFormat.class, method, services);
  }
}
