package org.longlora4j.plugin.lora;

import com.google.inject.Binder;
import org.longlora4j.api.adapter.AdapterFormat;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.Plugin;

/**
 * Offers the adapter strategies {@code lora}, {@code lora-plus}, {@code dora} and {@code rslora},
 * and the format {@code lora}, which reads the adapters of all of them.
 */
public final class LoraPlusPlugin implements Plugin {
  @Override
  public void configure(Binder binder) {
    new ExtensionBinder(binder)
        .bind(AdapterStrategy.class, "lora", Lora.class, LoraOptions.class)
        .bind(AdapterStrategy.class, "lora-plus", ImprovedLora.class, LoraOptions.class)
        .bind(AdapterStrategy.class, "dora", DecomposedLora.class, LoraOptions.class)
        .bind(AdapterStrategy.class, "rslora", RankStabilizedLora.class, LoraOptions.class)
        .bind(AdapterFormat.class, "lora", LoraFormat.class);
  }
}
