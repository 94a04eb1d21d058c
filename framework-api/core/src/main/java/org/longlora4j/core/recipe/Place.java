package org.longlora4j.core.recipe;

import java.nio.file.Path;

/**
 * Where in a user's input a value stands.
 *
 * @param source the file as the user named it, or what stood on the command line
 * @param line from 1, or 0 where the source is no file
 * @param column from 1, or 0 where the source is no file
 * @param base the absolute folder that relative paths start from
 */
record Place(String source, int line, int column, Path base) {
  /** A source without lines, or a file as a whole. */
  static Place whole(String source, Path base) {
    return new Place(source, 0, 0, base);
  }

  boolean hasLine() {
    return line > 0;
  }

  @Override
  public String toString() {
    return hasLine() ? source + ":" + line + ":" + column : source;
  }
}
