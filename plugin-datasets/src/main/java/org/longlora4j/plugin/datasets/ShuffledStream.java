package org.longlora4j.plugin.datasets;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.LeftOut;

/**
 * Documents that can be read in one order only, in another one: some are held in memory, and the
 * next is drawn from them. The pieces of a document stay together.
 */
final class ShuffledStream implements DocumentStream {
  private final DocumentStream stream;
  private final int most;
  private final Random random;
  private final List<List<Document>> held = new ArrayList<>();
  private Queue<Document> drawn = new ArrayDeque<>();
  private boolean ended;

  /**
   * Shuffles.
   *
   * @param stream closed with this
   * @param most documents that are held
   * @param seed decides the order
   */
  ShuffledStream(DocumentStream stream, int most, long seed) {
    this.stream = stream;
    this.most = most;
    this.random = new Random(seed);
  }

  @Override
  public Optional<Document> next() {
    if (drawn.isEmpty()) {
      while (!ended && held.size() < most) {
        hold();
      }
      if (!held.isEmpty()) {
        drawn = new ArrayDeque<>(draw());
      }
    }
    return Optional.ofNullable(drawn.poll());
  }

  private void hold() {
    List<Document> pieces = new ArrayList<>();
    Optional<Document> piece = stream.next();
    while (piece.isPresent()) {
      pieces.add(piece.get());
      piece = piece.get().last() ? Optional.empty() : stream.next();
    }
    ended = pieces.isEmpty();
    if (!ended) {
      held.add(pieces);
    }
  }

  private List<Document> draw() {
    int place = random.nextInt(held.size());
    List<Document> document = held.get(place);
    List<Document> end = held.remove(held.size() - 1);
    if (place < held.size()) {
      held.set(place, end);
    }
    return document;
  }

  @Override
  public LeftOut leftOut() {
    return stream.leftOut();
  }

  @Override
  public void close() {
    stream.close();
  }
}
