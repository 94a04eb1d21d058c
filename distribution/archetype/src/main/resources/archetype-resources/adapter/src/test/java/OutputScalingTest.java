package ${package};

import java.util.Map;
import org.longlora4j.kit.AdapterStrategyContract;

class OutputScalingTest extends AdapterStrategyContract {
  @Override
  protected String section() {
    return "${artifactId}";
  }

  @Override
  protected Map<String, String> mistakes() {
    return Map.of("{ use: ${artifactId}, targets: [query] }", "targets");
  }
}
