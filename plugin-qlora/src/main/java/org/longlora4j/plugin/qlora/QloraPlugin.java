package org.longlora4j.plugin.qlora;

import com.google.inject.Binder;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.api.quantization.QuantizedFormat;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.train.Optimizer;

/**
 * Offers {@code nf4}, {@code fp4} and {@code int8} for frozen weights, reads bitsandbytes', and
 * offers {@code adamw-8bit} for those that train.
 */
public final class QloraPlugin implements Plugin {
  @Override
  public void configure(Binder binder) {
    new ExtensionBinder(binder)
        .bind(WeightQuantizer.class, "nf4", Nf4Quantizer.class, FourBitOptions.class)
        .bind(WeightQuantizer.class, "fp4", Fp4Quantizer.class, FourBitOptions.class)
        .bind(WeightQuantizer.class, "int8", Int8Quantizer.class)
        .bind(QuantizedFormat.class, BitsandbytesConfig.METHOD, BitsandbytesFormat.class)
        .bind(Optimizer.class, "adamw-8bit", BlockwiseAdamW.class, BlockwiseAdamW.Options.class);
  }
}
