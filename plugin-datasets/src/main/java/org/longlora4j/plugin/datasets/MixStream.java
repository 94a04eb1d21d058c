package org.longlora4j.plugin.datasets;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentOrder;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.LeftOut;
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
    if (!begin()) {
      return Optional.empty();
    }
    Optional<Document> document = drawn.stream.next();
    if (document.isEmpty()) {
      if (!startOver()) {
        return Optional.empty();
      }
      document = drawn.stream.next();
    }
    continueWith(document.map(Document::last));
    return document;
  }

  /** Passes over what the sources pass over, and reads only where one of them must. */
  @Override
  public PassedOver passOver(long most) {
    if (!begin()) {
      return PassedOver.NOTHING;
    }
    PassedOver passed = drawn.stream.passOver(most);
    if (passed.count() == 0) {
      if (!startOver()) {
        return PassedOver.NOTHING;
      }
      passed = drawn.stream.passOver(most);
    }
    continueWith(passed.count() == 0 ? Optional.empty() : Optional.of(passed.last()));
    return passed;
  }

  /** Draws the source of the next document, unless one has begun. */
  private boolean begin() {
    if (!ended && !inDocument) {
      drawn = draw();
    }
    return !ended;
  }

  /** Begins another pass over the drawn source, unless that ends the epoch. */
  private boolean startOver() {
    drawn.finish();
    ended = all.stream().allMatch(rounds -> rounds.finished > 0);
    if (!ended) {
      drawn.again();
    }
    return !ended;
  }

  private void continueWith(Optional<Boolean> last) {
    if (last.isEmpty()) {
      throw drawn.gaveNothingAgain();
    }
    drawn.gaveSome = true;
    inDocument = !last.get();
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
  public LeftOut leftOut() {
    return all.stream().map(Rounds::leftOut).reduce(LeftOut.NOTHING, LeftOut::plus);
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
    private LeftOut leftOutBefore = LeftOut.NOTHING;
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
        LeftOut none = leftOut();
        throw new InvalidInputException(
            ("sources[%d] of the mix, counted from 0, which uses %s, gives no document%s Leave it"
                    + " out, or name what has documents.")
                .formatted(
                    number,
                    member.name(),
                    none.total() == 0
                        ? "."
                        : ", left out %s: %s".formatted(none.inWords(), none.examples().get(0))));
      }
      finished++;
    }

    /** Begins another pass. */
    void again() {
      leftOutBefore = leftOut();
      stream.close();
      stream = member.source().open(finished, seed);
    }

    InvalidInputException gaveNothingAgain() {
      return new InvalidInputException(
          ("sources[%d] of the mix, counted from 0, which uses %s, gave documents before and now"
                  + " gives none: its files have changed.")
              .formatted(number, member.name()));
    }

    LeftOut leftOut() {
      return leftOutBefore.plus(stream.leftOut());
    }

    void close() {
      stream.close();
    }
  }
}
