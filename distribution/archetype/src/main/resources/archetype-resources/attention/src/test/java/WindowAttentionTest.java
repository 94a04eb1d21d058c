package ${package};

import java.util.Map;
import org.longlora4j.kit.AttentionPatternContract;

class WindowAttentionTest extends AttentionPatternContract {
  @Override
  protected String section() {
    return "{ use: ${artifactId}, size: 5 }";
  }

  @Override
  protected Map<String, String> mistakes() {
    return Map.of("{ use: ${artifactId}, size: 64 }", "size"); // the context is 32
  }
}
