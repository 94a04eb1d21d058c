package ${package};

import org.longlora4j.kit.PositionalScalingContract;

class UniformInterpolationTest extends PositionalScalingContract {
  @Override
  protected String section() {
    return "${artifactId}";
  }
}
