package ${package};

import org.longlora4j.kit.OptimizerContract;

class MomentumDescentTest extends OptimizerContract {
  @Override
  protected String section() {
    return "{ use: ${artifactId}, momentum: 0.8 }";
  }
}
