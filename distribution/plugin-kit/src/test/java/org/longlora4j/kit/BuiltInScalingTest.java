package org.longlora4j.kit;

class BuiltInScalingTest extends PositionalScalingContract {
  @Override
  protected String section() {
    return "none";
  }

  @Override
  protected boolean extendsAnew() {
    return false;
  }
}
