package org.longlora4j.plugin.qlora;

import com.google.inject.Binder;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.api.quantization.WeightQuantizer;

/** Offers {@code nf4} for frozen weights. */
public final class QloraPlugin implements Plugin {
  @Override
  public void configure(Binder binder) {
    new ExtensionBinder(binder)
        .bind(WeightQuantizer.class, "nf4", Nf4Quantizer.class, Nf4Options.class);
  }
}
