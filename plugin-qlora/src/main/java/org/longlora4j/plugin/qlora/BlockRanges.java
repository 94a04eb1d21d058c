package org.longlora4j.plugin.qlora;

import java.util.stream.IntStream;

/** The blocks of one weight, shared out among all cores. */
final class BlockRanges {
  private static final int ELEMENTS_EACH = 1 << 16;

  private BlockRanges() {}

  /** Works on blocks {@code from} to {@code to}, the latter excluded. */
  @FunctionalInterface
  interface Work {
    void run(int from, int to);
  }

  /** Runs {@code work} for every block once, and returns when all is done. */
  static void forEach(int blocks, int blockSize, Work work) {
    int each = Math.max(1, ELEMENTS_EACH / blockSize);
    IntStream.range(0, (blocks + each - 1) / each)
        .parallel()
        .forEach(range -> work.run(range * each, Math.min(blocks, (range + 1) * each)));
  }
}
