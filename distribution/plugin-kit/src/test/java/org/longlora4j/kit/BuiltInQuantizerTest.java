package org.longlora4j.kit;

class BuiltInQuantizerTest extends WeightQuantizerContract {
  @Override
  protected String section() {
    return "none";
  }

  @Override
  protected boolean quantizesNothing() {
    return true;
  }
}
