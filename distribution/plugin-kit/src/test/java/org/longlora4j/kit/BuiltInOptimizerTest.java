package org.longlora4j.kit;

import java.util.Map;

class BuiltInOptimizerTest extends OptimizerContract {
  @Override
  protected String section() {
    return "{ use: adamw, betas: [0.9, 0.95], weight-decay: 0.1 }";
  }

  @Override
  protected Map<String, String> mistakes() {
    return Map.of(
        "{ use: adamw, betas: [0.9] }", "betas", "{ use: adamw, betas: [0.9, 1] }", "betas");
  }
}
