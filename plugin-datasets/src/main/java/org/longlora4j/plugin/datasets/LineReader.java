package org.longlora4j.plugin.datasets;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/** The lines of a stream of bytes, whatever their encoding. */
final class LineReader implements Closeable {
  /** Longer lines come without their bytes. */
  static final int MOST_BYTES = 1 << 29;

  private static final int READ_BYTES = 1 << 16;

  private final InputStream input;
  private final byte[] buffer = new byte[READ_BYTES];
  private int position;
  private int limit;
  private long lines;

  /** Closes the input with itself. */
  LineReader(InputStream input) {
    this.input = input;
  }

  /**
   * A line.
   *
   * @param number from 1
   * @param bytes without the line's end; empty if the line is too long
   * @param tooLong whether it has more than {@link #MOST_BYTES}
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares lines
  record Line(long number, byte[] bytes, boolean tooLong) {
    /** Whether nothing is on it. */
    boolean isBlank() {
      for (byte b : bytes) {
        if (b != ' ' && b != '\t' && b != '\r') {
          return false;
        }
      }
      return !tooLong;
    }
  }

  /** How many lines were given. */
  long lines() {
    return lines;
  }

  /** The next line; none at the end. */
  Optional<Line> next() throws IOException {
    byte[] line = new byte[0];
    long length = 0;
    while (position < limit || fill()) {
      int end = position;
      while (end < limit && buffer[end] != '\n') {
        end++;
      }
      boolean ended = end < limit;
      line = append(line, length, end - position);
      length += end - position;
      position = ended ? end + 1 : end;
      if (ended) {
        return Optional.of(line(line, length));
      }
    }
    return length == 0 ? Optional.empty() : Optional.of(line(line, length));
  }

  /** Adds what the buffer holds of a line that has {@code length} bytes so far. */
  private byte[] append(byte[] line, long length, int count) {
    if (length + count > MOST_BYTES) {
      return new byte[0];
    }
    int needed = (int) length + count;
    // A line within the buffer is copied once; of a longer one, each time as much as there is.
    byte[] grown =
        needed <= line.length ? line : Arrays.copyOf(line, length == 0 ? needed : 2 * needed);
    System.arraycopy(buffer, position, grown, (int) length, count);
    return grown;
  }

  private Line line(byte[] bytes, long length) {
    lines++;
    boolean tooLong = length > MOST_BYTES;
    return new Line(
        lines,
        tooLong || bytes.length == length ? bytes : Arrays.copyOf(bytes, (int) length),
        tooLong);
  }

  private boolean fill() throws IOException {
    int count = input.read(buffer);
    position = 0;
    limit = Math.max(count, 0);
    return count > 0;
  }

  @Override
  public void close() throws IOException {
    input.close();
  }
}
