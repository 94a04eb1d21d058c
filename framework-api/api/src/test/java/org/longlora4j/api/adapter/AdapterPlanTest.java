package org.longlora4j.api.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AdapterPlanTest {
  @Test
  void aConfigIsCopiedInItsOrderAndMayHoldNulls() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("task_type", "CAUSAL_LM");
    config.put("revision", null);
    config.put("r", 8);
    AdapterPlan plan = new AdapterPlan(Map.of(), Set.of(), Optional.of(config));
    config.clear();
    assertThat(plan.config().orElseThrow())
        .containsExactly(entry("task_type", "CAUSAL_LM"), entry("revision", null), entry("r", 8))
        .isUnmodifiable();
  }
}
