package org.longlora4j.plugin.lora;

import java.util.ArrayList;
import java.util.List;
import org.longlora4j.api.plugin.Problems;

/** Keeps what is reported, as lines of key and message. */
final class RecordedProblems implements Problems {
  private final List<String> lines = new ArrayList<>();

  @Override
  public void report(String key, String message) {
    lines.add(key + ": " + message);
  }

  List<String> lines() {
    return lines;
  }
}
