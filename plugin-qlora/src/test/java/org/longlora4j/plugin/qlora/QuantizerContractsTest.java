package org.longlora4j.plugin.qlora;

import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.longlora4j.kit.OptimizerContract;
import org.longlora4j.kit.WeightQuantizerContract;

/** Every quantizer and the optimizer, as a recipe names them, keep their contracts. */
class QuantizerContractsTest {
  @Nested
  class NormalFloat extends WeightQuantizerContract {
    @Override
    protected String section() {
      return "nf4";
    }

    @Override
    protected Map<String, String> mistakes() {
      return Map.of("{ use: nf4, block-size: 96 }", "block-size");
    }
  }

  @Nested
  class NormalFloatWithPlainScales extends WeightQuantizerContract {
    @Override
    protected String section() {
      return "{ use: nf4, block-size: 128, double-quantization: false }";
    }
  }

  @Nested
  class FloatingPoint extends WeightQuantizerContract {
    @Override
    protected String section() {
      return "fp4";
    }

    /** Its levels lie further apart than NF4's where normal numbers are. */
    @Override
    protected double tolerance() {
      return 0.16;
    }
  }

  @Nested
  class EightBits extends WeightQuantizerContract {
    @Override
    protected String section() {
      return "int8";
    }

    @Override
    protected double tolerance() {
      return 0.02;
    }
  }

  @Nested
  class EightBitMoments extends OptimizerContract {
    @Override
    protected String section() {
      return "{ use: adamw-8bit, betas: [0.9, 0.95], weight-decay: 0.1 }";
    }
  }
}
