package org.longlora4j.plugin.lora;

import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.longlora4j.kit.AdapterStrategyContract;

/** Every strategy, as a recipe names it, keeps the contract of adapter strategies. */
class StrategyContractsTest {
  @Nested
  class Plain extends AdapterStrategyContract {
    @Override
    protected String section() {
      return "{ use: lora, rank: 3, alpha: 7.5, targets: [q_proj, k_proj, gate_proj, down_proj],"
          + " dropout: 0.1 }";
    }

    @Override
    protected Map<String, String> mistakes() {
      return Map.of(
          "{ use: lora, targets: [query] }", "targets",
          "{ use: lora, targets: [lm_head] }", "targets",
          "{ use: lora, targets: [] }", "targets",
          "{ use: lora, dropout: 1 }", "dropout",
          "{ use: lora, alpha: 0 }", "alpha",
          "{ use: lora, layers: [7] }", "layers");
    }
  }

  @Nested
  class Improved extends AdapterStrategyContract {
    @Override
    protected String section() {
      return "lora-plus";
    }
  }

  @Nested
  class RankStabilized extends AdapterStrategyContract {
    @Override
    protected String section() {
      return "{ use: rslora, rank: 4, targets: all-linear }";
    }
  }

  @Nested
  class Decomposed extends AdapterStrategyContract {
    @Override
    protected String section() {
      return "{ use: dora, rank: 4, targets: [q_proj, k_proj, down_proj] }";
    }

    /** The norm of the weight is held constant (arXiv:2402.09353, section 4.3), as PEFT does. */
    @Override
    protected boolean exactGradients() {
      return false;
    }
  }

  @Nested
  class Principal extends AdapterStrategyContract {
    @Override
    protected String section() {
      return "{ use: lora, init: pissa, rank: 4, targets: [q_proj, k_proj, gate_proj] }";
    }

    /** One half of the matrices is what the other began as, and does not train. */
    @Override
    protected boolean exactGradients() {
      return false;
    }
  }
}
