package org.longlora4j.api.attention;

/**
 * Some query heads, and the segments of a sequence within which they attend: a first one, then as
 * many of one size as there is room for, then what is left.
 *
 * @param heads how many heads
 * @param first the length of the first segment in tokens, 0 if there is none of another length
 * @param size the length of the others in tokens
 */
public record HeadSegments(int heads, int first, int size) {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if there are no heads, or a segment has no length
   */
  public HeadSegments {
    if (heads < 1 || first < 0 || size < 1) {
      throw new IllegalArgumentException(
          "%d heads in segments of %d tokens behind one of %d: heads and size must be at least 1,"
                  .formatted(heads, size, first)
              + " first at least 0");
    }
  }
}
