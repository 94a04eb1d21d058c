package org.longlora4j.plugin.s2attn;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.longlora4j.api.plugin.Option;

/**
 * How many keys a query of {@code local}, {@code dilated} or {@code strided} attention sees.
 *
 * @param groupRatio as a fraction of the context
 * @param groupSize in tokens
 */
public record GroupOptions(
    @Option(
            value =
                "How many keys a query sees at most, as a fraction of the context;"
                    + " 0.25 unless group-size is given.",
            min = 0,
            max = 1)
        OptionalDouble groupRatio,
    @Option(
            value = "How many keys a query sees at most, in tokens, in place of group-ratio.",
            min = 1)
        OptionalInt groupSize) {
  /**
   * Checks that at most one is given.
   *
   * @throws IllegalArgumentException if both are given
   */
  public GroupOptions {
    GroupSize.of(groupRatio, groupSize);
  }

  GroupSize group() {
    return GroupSize.of(groupRatio, groupSize);
  }
}
