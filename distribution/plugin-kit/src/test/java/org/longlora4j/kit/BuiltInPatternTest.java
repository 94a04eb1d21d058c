package org.longlora4j.kit;

class BuiltInPatternTest extends AttentionPatternContract {
  @Override
  protected String section() {
    return "dense";
  }
}
