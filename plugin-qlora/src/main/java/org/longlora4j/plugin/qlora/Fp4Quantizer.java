package org.longlora4j.plugin.qlora;

import com.google.inject.Inject;
import org.longlora4j.api.tensor.KernelCompiler;

/** Stores weights in bitsandbytes' 4-bit floating-point numbers: see {@link FloatingPoint4}. */
public final class Fp4Quantizer extends FourBitQuantizer {
  /** Quantizes as the options say. */
  @Inject
  public Fp4Quantizer(FourBitOptions options, KernelCompiler compiler) {
    super(FourBitCodebook.FP4, options, new Expansions(compiler));
  }
}
