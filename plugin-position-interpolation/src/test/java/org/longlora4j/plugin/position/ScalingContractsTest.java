package org.longlora4j.plugin.position;

import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.longlora4j.kit.PositionalScalingContract;

/** Every scaling, as a recipe names it, keeps the contract of positional scalings. */
class ScalingContractsTest {
  @Nested
  class Linear extends PositionalScalingContract {
    @Override
    protected String section() {
      return "linear";
    }
  }

  @Nested
  class LinearByAGivenFactor extends PositionalScalingContract {
    @Override
    protected String section() {
      return "{ use: linear, factor: 3.5 }";
    }
  }

  @Nested
  class NtkAware extends PositionalScalingContract {
    @Override
    protected String section() {
      return "ntk";
    }
  }

  @Nested
  class Dynamic extends PositionalScalingContract {
    @Override
    protected String section() {
      return "{ use: dynamic, factor: 2 }";
    }
  }

  @Nested
  class NtkByParts extends PositionalScalingContract {
    @Override
    protected String section() {
      return "yarn";
    }

    @Override
    protected Map<String, String> mistakes() {
      return Map.of("{ use: yarn, beta-fast: 1, beta-slow: 2 }", "beta-slow");
    }
  }

  @Nested
  class Llama3 extends PositionalScalingContract {
    @Override
    protected String section() {
      return "llama3";
    }

    @Override
    protected Map<String, String> mistakes() {
      return Map.of("{ use: llama3, low-freq-factor: 4 }", "low-freq-factor");
    }
  }

  @Nested
  class LongRopes extends PositionalScalingContract {
    @Override
    protected String section() {
      return "{ use: longrope, long-factor: [1, 1.5, 2, 2.5] }";
    }

    @Override
    protected Map<String, String> mistakes() {
      return Map.of(
          "{ use: longrope, long-factor: [1, 2] }",
          "long-factor",
          "{ use: longrope, long-factor: [0, 1, 1, 1] }",
          "long-factor");
    }
  }
}
