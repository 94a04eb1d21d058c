package org.longlora4j.plugin.qlora;

import com.google.inject.Inject;
import org.longlora4j.api.tensor.KernelCompiler;

/** Stores weights in 4-bit NormalFloat: QLoRA, section 3. */
public final class Nf4Quantizer extends FourBitQuantizer {
  /** Quantizes as the options say. */
  @Inject
  public Nf4Quantizer(FourBitOptions options, KernelCompiler compiler) {
    super(FourBitCodebook.NF4, options, new Expansions(compiler));
  }
}
