package org.longlora4j.plugin.datasets;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentOrder;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.plugin.InvalidInputException;

/** One epoch of a {@link Mix}: one open pass over each of its sources. */
final class MixStream implements DocumentStream {
  private final List<Rounds> all;
  private final Random random;
  private final double sumOfWeights;
  private Rounds drawn;
  private boolean inDocument;
  private boolean ended;

  /**
   * A source and its weight.
   *
   * @param name the source's, for messages
   */
  record Member(String name, DocumentSource source, double weight) {}

  /** Opens all members, or none if one cannot be opened. */
  static MixStream open(List<Member> members, int epoch, long seed) {
    List<Rounds> opened = new ArrayList<>();
    try {
      for (int i = 0; i < members.size(); i++) {
        opened.add(new Rounds(members.get(i), i, DocumentOrder.seed(seed, epoch, i)));
      }
    } catch (RuntimeException e) {
      opened.forEach(Rounds::close);
      throw e;
    }
    return new MixStream(opened, new Random(DocumentOrder.seed(seed, epoch)));
  }

  private MixStream(List<Rounds> all, Random random) {
    this.all = List.copyOf(all);
    this.random = random;
    this.sumOfWeights = all.stream().mapToDouble(rounds -> rounds.member.weight()).sum();
    this.drawn = all.get(0);
  }

  @Override
  public Optional<Document> next() {
    if (ended) {
      return Optional.empty();
    }
    if (!inDocument) {
      drawn = draw();
    }
    Optional<Document> document = drawn.stream.next();
    if (document.isEmpty()) {
      drawn.finish();
      ended = all.stream().allMatch(rounds -> rounds.finished > 0);
      if (ended) {
        return Optional.empty();
      }
      document = drawn.again();
    }
    drawn.gaveSome = true;
    inDocument = document.get() instanceof Document.Text text && !text.last();
    return document;
  }

  private Rounds draw() {
    double point = random.nextDouble() * sumOfWeights;
    for (Rounds rounds : all) {
      point -= rounds.member.weight();
      if (point < 0) {
        return rounds;
      }
    }
    return all.get(all.size() - 1); // the sum was rounded up
  }

  @Override
  public void close() {
    all.forEach(Rounds::close);
  }

  /** One source, gone through again and again. */
  private static final class Rounds {
    private final Member member;
    private final int number;
    private final long seed;
    private DocumentStream stream;
    private int finished;
    private boolean gaveSome;

    Rounds(Member member, int number, long seed) {
      this.member = member;
      this.number = number;
      this.seed = seed;
      this.stream = member.source().open(0, seed);
    }

    void finish() {
      if (!gaveSome) {
        throw new InvalidInputException(
            ("sources[%d] of the mix, counted from 0, which uses %s, gives no document. Leave it"
                    + " out, or name what has documents.")
                .formatted(number, member.name()));
      }
      finished++;
    }

    /** The first document of another pass. */
    Optional<Document> again() {
      stream.close();
      stream = member.source().open(finished, seed);
      Optional<Document> first = stream.next();
      if (first.isEmpty()) {
        throw new InvalidInputException(
            ("sources[%d] of the mix, counted from 0, which uses %s, gave documents before and now"
                    + " gives none: its files have changed.")
                .formatted(number, member.name()));
      }
      return first;
    }

    void close() {
      stream.close();
    }
  }
}
