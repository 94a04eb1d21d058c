package org.longlora4j.core.model;

import org.longlora4j.api.plugin.InvalidInputException;

/**
 * What a model attends to that is to run without end: the first tokens, which gather attention
 * whatever they say, and the latest ones (StreamingLLM, arXiv:2309.17453, section 3.2).
 *
 * @param sinks how many of the first tokens stay
 * @param window how many of the latest tokens stay, a token itself among them
 */
public record SinkWindow(int sinks, int window) {
  /**
   * Checks the ranges.
   *
   * @throws InvalidInputException if one is out of range
   */
  public SinkWindow {
    if (sinks < 0) {
      throw new InvalidInputException("--sinks is " + sinks + ", must be at least 0");
    }
    if (window < 1) {
      throw new InvalidInputException("--window is " + window + ", must be at least 1");
    }
    if ((long) sinks + window > Integer.MAX_VALUE / 2) {
      throw new InvalidInputException(
          "--sinks and --window are %d and %d, which no memory holds".formatted(sinks, window));
    }
  }

  /** The most tokens that are kept. */
  public int size() {
    return sinks + window;
  }
}
