package org.longlora4j.plugin.datasets;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;

/** One pass over the rows of a two-dimensional tensor. Closes the file when it is closed. */
final class TokenRowStream implements DocumentStream {
  private final TensorFile file;
  private final String tensor;
  private final TensorEntry entry;
  private final int rows;
  private final IntUnaryOperator order;
  private int next;

  /** Gives the rows as they stand. */
  TokenRowStream(TensorFile file, String tensor, int rows) {
    this(file, tensor, rows, IntUnaryOperator.identity());
  }

  /** Gives the rows in the order of their numbers in {@code order}. */
  TokenRowStream(TensorFile file, String tensor, int rows, int[] order) {
    this(file, tensor, rows, i -> order[i]);
  }

  private TokenRowStream(TensorFile file, String tensor, int rows, IntUnaryOperator order) {
    this.file = file;
    this.tensor = tensor;
    this.entry = file.entries().get(tensor);
    this.rows = rows;
    this.order = order;
  }

  @Override
  public Optional<Document> next() {
    if (next == rows) {
      return Optional.empty();
    }
    return Optional.of(row(order.applyAsInt(next++)));
  }

  private Document.Row row(int row) {
    String origin = "%s: %s row %d".formatted(file.path().getFileName(), tensor, row);
    int length = Math.toIntExact(entry.shape().get(1));
    int rowBytes = Math.multiplyExact(length, entry.type().bytes());
    ByteBuffer bytes = file.bytes(tensor, (long) row * rowBytes, rowBytes);
    int[] tokens = new int[length];
    for (int i = 0; i < length; i++) {
      long token = entry.type() == ElementType.I64 ? bytes.getLong() : bytes.getInt();
      if (token < 0 || token > Integer.MAX_VALUE) {
        throw new InvalidInputException(
            "%s: tensor '%s', row %d, column %d, counted from 0: %d is no token id"
                .formatted(file.path(), tensor, row, i, token));
      }
      tokens[i] = (int) token;
    }
    return new Document.Row(tokens, origin);
  }

  @Override
  public void skip(long count) {
    next = (int) Math.min(rows, next + count);
  }

  @Override
  public void close() {
    file.close();
  }
}
