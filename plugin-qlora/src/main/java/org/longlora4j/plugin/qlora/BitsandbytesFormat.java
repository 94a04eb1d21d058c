package org.longlora4j.plugin.qlora;

import com.google.inject.Inject;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.quantization.QuantizedFormat;
import org.longlora4j.api.quantization.StoredWeights;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.tensor.KernelCompiler;

/** Reads checkpoints that transformers and bitsandbytes saved in four or eight bits. */
public final class BitsandbytesFormat implements QuantizedFormat {
  private static final int TRANSFORMERS_BLOCK_SIZE = 64;

  private final KernelCompiler compiler;
  private final Expansions expansions;

  /** A reader. */
  @Inject
  public BitsandbytesFormat(KernelCompiler compiler) {
    this.compiler = compiler;
    expansions = new Expansions(compiler);
  }

  @Override
  public StoredWeights read(Map<String, Object> config, Problems problems) {
    if (BitsandbytesConfig.loads(config, "8bit")) {
      return new StoredInt8(expansions);
    }
    if (!BitsandbytesConfig.loads(config, "4bit")) {
      problems.report(
          "load_in_4bit", "is not true, and load_in_8bit is not either: one of them must be");
    }
    Object type = config.getOrDefault(BitsandbytesConfig.FOUR_BIT_TYPE, "fp4");
    Optional<FourBitCodebook> codebook =
        Arrays.stream(FourBitCodebook.values()).filter(c -> c.id().equals(type)).findFirst();
    if (codebook.isEmpty()) {
      problems.report(
          BitsandbytesConfig.FOUR_BIT_TYPE, "is '%s', must be nf4 or fp4".formatted(type));
    }
    return new StoredFourBit(codebook.orElse(FourBitCodebook.NF4), expansions);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The block size is that which transformers uses: its config does not say it.
   */
  @Override
  public Optional<WeightQuantizer> quantizer(Map<String, Object> config) {
    if (BitsandbytesConfig.loads(config, "8bit")) {
      return Optional.of(new Int8Quantizer(compiler));
    }
    boolean nested = Boolean.TRUE.equals(config.get(BitsandbytesConfig.DOUBLE_QUANTIZATION));
    return Optional.of(
        new Nf4Quantizer(new FourBitOptions(TRANSFORMERS_BLOCK_SIZE, nested), compiler));
  }
}
