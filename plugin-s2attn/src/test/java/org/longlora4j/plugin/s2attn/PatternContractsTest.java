package org.longlora4j.plugin.s2attn;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.kit.AttentionPatternContract;

/** Every pattern, as a recipe names it, keeps the contract of attention patterns. */
class PatternContractsTest {
  private static final AttentionShape ONE_HEAD = new AttentionShape(1, 1, 1, 32, 8);

  @Nested
  class Segmented extends AttentionPatternContract {
    @Override
    protected String section() {
      return "{ use: s2-attn, group-ratio: 0.25 }";
    }

    @Override
    protected List<AttentionShape> refused() {
      return List.of(ONE_HEAD);
    }

    @Override
    protected Map<String, String> mistakes() {
      return Map.of(
          "{ use: s2-attn, group-ratio: 0.25, group-size: 8 }", "group-size",
          "{ use: s2-attn, group-size: 64 }", "group-size",
          "{ use: s2-attn, group-ratio: 0.01 }", "group-ratio",
          "{ use: s2-attn, variant: sideways }", "variant");
    }
  }

  @Nested
  class OddGroups extends AttentionPatternContract {
    @Override
    protected String section() {
      return "{ use: s2-attn, group-size: 7 }";
    }
  }

  @Nested
  class Rolled extends AttentionPatternContract {
    @Override
    protected String section() {
      return "{ use: s2-attn, variant: rolled }";
    }

    @Override
    protected boolean causal() {
      return false;
    }

    @Override
    protected List<AttentionShape> refused() {
      return List.of(ONE_HEAD);
    }
  }

  @Nested
  class AcrossLayers extends AttentionPatternContract {
    @Override
    protected String section() {
      return "{ use: s2-attn, variant: across-layers }";
    }
  }

  @Nested
  class Local extends AttentionPatternContract {
    @Override
    protected String section() {
      return "{ use: local, group-size: 5 }";
    }
  }

  @Nested
  class Dilated extends AttentionPatternContract {
    @Override
    protected String section() {
      return "{ use: dilated, group-size: 5 }";
    }
  }

  @Nested
  class Strided extends AttentionPatternContract {
    @Override
    protected String section() {
      return "strided";
    }

    @Override
    protected List<AttentionShape> refused() {
      return List.of(ONE_HEAD);
    }
  }
}
