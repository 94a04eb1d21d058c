package org.longlora4j.kit;

class BuiltInStrategyTest extends AdapterStrategyContract {
  @Override
  protected String section() {
    return "full";
  }
}
