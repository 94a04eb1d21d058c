package ${package};

import org.longlora4j.kit.TrainingListenerContract;

class LossTableTest extends TrainingListenerContract {
  @Override
  protected String section() {
    return "{ use: ${artifactId}, file: table.csv }";
  }
}
