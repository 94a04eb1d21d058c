package org.longlora4j.plugin.lora;

import com.google.inject.Inject;
import java.util.Map;
import org.longlora4j.api.adapter.AdapterFormat;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.plugin.Problems;

/**
 * Adapters that PEFT saved with {@code "peft_type": "LORA"}.
 *
 * <p>An option that would change what the adapter computes and is not supported is refused by its
 * name, known or not; one that only steered how the adapter was first drawn is ignored.
 */
public final class LoraFormat implements AdapterFormat {
  private final LowRankKernels kernels;

  @Inject
  LoraFormat(LowRankKernels kernels) {
    this.kernels = kernels;
  }

  @Override
  public AdapterStrategy read(Map<String, Object> config, Problems problems) {
    return new LoraAdaptation(
        LoraConfigReader.read(config, problems),
        Initialization.DEFAULT,
        LearningRateFactors.NONE,
        kernels);
  }
}
