package org.longlora4j.plugin.datasets;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.LeftOut;
import org.longlora4j.api.data.TextPieces;

/** One pass over texts that are in memory whole, one at a time; long ones are given in pieces. */
final class WholeTextStream implements DocumentStream {
  private final TextReader texts;
  private final Queue<Document.Text> pieces = new ArrayDeque<>();

  /** Begins a pass; closes the reader with itself. */
  WholeTextStream(TextReader texts) {
    this.texts = texts;
  }

  @Override
  public Optional<Document> next() {
    if (pieces.isEmpty()) {
      texts.next().map(TextPieces::of).ifPresent(pieces::addAll);
    }
    return Optional.ofNullable(pieces.poll());
  }

  @Override
  public PassedOver passOver(long most) {
    return pieces.isEmpty() && texts.passOverOnePiece()
        ? new PassedOver(1, true)
        : DocumentStream.super.passOver(most);
  }

  @Override
  public LeftOut leftOut() {
    return texts.leftOut();
  }

  @Override
  public void close() {
    texts.close();
  }
}
