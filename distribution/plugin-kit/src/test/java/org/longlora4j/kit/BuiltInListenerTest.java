package org.longlora4j.kit;

class BuiltInListenerTest extends TrainingListenerContract {
  @Override
  protected String section() {
    return "{ use: tensorboard, directory: events }";
  }
}
