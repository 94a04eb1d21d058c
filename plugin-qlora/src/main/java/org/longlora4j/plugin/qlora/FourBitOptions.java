package org.longlora4j.plugin.qlora;

import org.longlora4j.api.plugin.Option;

/**
 * How weights are stored in four bits.
 *
 * @param blockSize how many elements share a scale
 * @param doubleQuantization whether the scales are quantized too
 */
public record FourBitOptions(
    @Option(
            value =
                "How many neighbouring elements share one scale: a power of two. More take less"
                    + " memory and lose more precision.",
            defaultValue = "64",
            min = SMALLEST_BLOCK,
            max = LARGEST_BLOCK)
        int blockSize,
    @Option(
            value =
                "Whether the scales are quantized in their turn, to 8 bits in blocks of 256, which"
                    + " saves 0.37 bits an element with blocks of 64.",
            defaultValue = "true")
        boolean doubleQuantization) {
  private static final int SMALLEST_BLOCK = 64;
  private static final int LARGEST_BLOCK = 4096;

  /**
   * Allows the block sizes that bitsandbytes allows.
   *
   * @throws IllegalArgumentException if {@code blockSize} is another
   */
  public FourBitOptions {
    if (Integer.bitCount(blockSize) != 1
        || blockSize < SMALLEST_BLOCK
        || blockSize > LARGEST_BLOCK) {
      throw new IllegalArgumentException(
          "block-size is %d, must be 64, 128, 256, 512, 1024, 2048 or 4096".formatted(blockSize));
    }
  }
}
