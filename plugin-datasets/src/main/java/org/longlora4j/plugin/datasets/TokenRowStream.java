package org.longlora4j.plugin.datasets;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.LeftOut;
import org.longlora4j.api.data.Omissions;
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
  private final Omissions omissions;
  private int next;

  /**
   * Begins a pass.
   *
   * @param order which row comes when, from 0
   * @param omissions decides about what cannot be used
   */
  TokenRowStream(TensorFile file, String tensor, IntUnaryOperator order, Omissions omissions) {
    this.file = file;
    this.tensor = tensor;
    this.entry = file.entries().get(tensor);
    this.rows = Math.toIntExact(entry.shape().get(0));
    this.order = order;
    this.omissions = omissions;
  }

  @Override
  public Optional<Document> next() {
    while (next < rows) {
      Optional<Document> row = row(order.applyAsInt(next++));
      if (row.isPresent()) {
        return row;
      }
    }
    return Optional.empty();
  }

  private Optional<Document> row(int row) {
    String origin = "%s: %s row %d".formatted(file.path().getFileName(), tensor, row);
    int length = Math.toIntExact(entry.shape().get(1));
    int rowBytes = Math.multiplyExact(length, entry.type().bytes());
    ByteBuffer bytes = file.bytes(tensor, (long) row * rowBytes, rowBytes);
    int[] tokens = new int[length];
    for (int i = 0; i < length; i++) {
      long token = entry.type() == ElementType.I64 ? bytes.getLong() : bytes.getInt();
      if (token < 0 || token > Integer.MAX_VALUE) {
        omissions.leaveOut(
            "with a number that is no token",
            "%s: tensor '%s', row %d, column %d, counted from 0: %d is no token id."
                .formatted(file.path(), tensor, row, i, token));
        return Optional.empty();
      }
      tokens[i] = (int) token;
    }
    return Optional.of(new Document.Row(tokens, origin));
  }

  @Override
  public void skip(long count) {
    if (omissions.strict()) {
      next = (int) Math.min(rows, next + count);
    } else {
      DocumentStream.super.skip(count); // whether a row is left out shows only when it is read
    }
  }

  @Override
  public PassedOver passOver(long most) {
    if (!omissions.strict() || next == rows) {
      return DocumentStream.super.passOver(most);
    }
    next++;
    return new PassedOver(1, true);
  }

  @Override
  public LeftOut leftOut() {
    return omissions.leftOut();
  }

  @Override
  public void close() {
    file.close();
  }
}
