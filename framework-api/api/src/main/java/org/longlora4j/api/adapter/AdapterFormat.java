package org.longlora4j.api.adapter;

import java.util.Map;
import org.longlora4j.api.plugin.ExtensionPoint;
import org.longlora4j.api.plugin.Problems;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Reads adapters from disk: bound under the {@code peft_type} of adapter_config.json in lower case,
 * for example {@code lora}. Every command given {@code --adapter} finds its strategy here.
 *
 * <p>A format takes no options: what it reads is all in the adapter, and no recipe names it. One
 * that is bound with a record of options is refused with an {@link IllegalStateException} when an
 * adapter calls for it.
 */
@ConsumerType
@ExtensionPoint("adapter format")
public interface AdapterFormat {
  /**
   * The strategy that an adapter_config.json describes.
   *
   * @param config the file's contents
   * @param problems collects what is wrong, each option that is not supported by its name
   */
  AdapterStrategy read(Map<String, Object> config, Problems problems);
}
