package ${package};

import org.longlora4j.kit.WeightQuantizerContract;

class RowQuantizerTest extends WeightQuantizerContract {
  @Override
  protected String section() {
    return "${artifactId}";
  }

  @Override
  protected double tolerance() {
    return 0.02;
  }
}
