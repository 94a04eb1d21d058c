package org.longlora4j.plugin.qlora;

import com.google.inject.Inject;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.quantization.QuantizedFormat;
import org.longlora4j.api.quantization.StoredWeights;
import org.longlora4j.api.tensor.KernelCompiler;

/** Reads checkpoints that transformers and bitsandbytes saved in four or eight bits. */
public final class BitsandbytesFormat implements QuantizedFormat {
  private final Expansions expansions;

  /** A reader. */
  @Inject
  public BitsandbytesFormat(KernelCompiler compiler) {
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
}
