package org.example.sinkwindow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.kit.AttentionPatternContract;

class SinkWindowAttentionTest {
  @Nested
  class FewSinks extends AttentionPatternContract {
    @Override
    protected String section() {
      return "{ use: sink-window, sinks: 2, window: 5 }";
    }

    @Override
    protected Map<String, String> mistakes() {
      return Map.of("{ use: sink-window, sinks: 4, window: 30 }", "window"); // the context is 32
    }

    @Test
    void aQuerySeesTheSinksAndItsWindow() {
      AttentionShape shape = new AttentionShape(1, 1, 1, 10, 8);
      // Of 10 queries the first 5 see 1 to 5 positions, the sixth 5 and a sink, the others 5 and 2.
      assertThat(extension().cost(shape, new AttentionLayer(0, 1, 10)).pairs())
          .isEqualTo(1 + 2 + 3 + 4 + 5 + 6 + 4 * 7);
    }
  }

  @Nested
  class MoreSinksThanWindow extends AttentionPatternContract {
    @Override
    protected String section() {
      return "{ use: sink-window, sinks: 9, window: 4 }";
    }
  }

  @Nested
  class NoSinks extends AttentionPatternContract {
    @Override
    protected String section() {
      return "{ use: sink-window, sinks: 0, window: 3 }";
    }
  }
}
