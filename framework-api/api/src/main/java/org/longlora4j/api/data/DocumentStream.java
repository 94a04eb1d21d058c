package org.longlora4j.api.data;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** One pass over the documents of a source. */
@ConsumerType
public interface DocumentStream extends AutoCloseable {
  /**
   * Results that were passed over.
   *
   * @param count how many
   * @param last whether the document that they belong to ends with them
   */
  record PassedOver(long count, boolean last) {
    /** What is passed over when all documents of the pass were given. */
    public static final PassedOver NOTHING = new PassedOver(0, true);

    /** Requires a count. */
    public PassedOver {
      if (count < 0) {
        throw new IllegalArgumentException("count is " + count);
      }
    }
  }

  /**
   * The next document, or the next piece of one.
   *
   * @return empty when all documents of the pass were given
   * @throws org.longlora4j.api.plugin.InvalidInputException if what comes next cannot be read and
   *     is not to be left out; the message names file and line
   */
  Optional<Document> next();

  /**
   * Passes over results of {@link #next} up to the end of the document that the next one belongs
   * to. A source that can do so without reading overrides this, so that a run is resumed at once,
   * also where the source is one of several.
   *
   * @param most how many results of {@link #next} to pass over at most, at least 1
   * @return how many were; none if all documents of the pass were given
   */
  default PassedOver passOver(long most) {
    long count = 0;
    while (count < most) {
      Optional<Document> next = next();
      if (next.isEmpty()) {
        return new PassedOver(count, true);
      }
      count++;
      if (next.get().last()) {
        return new PassedOver(count, true);
      }
    }
    return new PassedOver(count, false);
  }

  /**
   * Passes over documents, as that many calls of {@link #next} would. A source that knows where
   * each of them is overrides this.
   *
   * @param count how many results of {@link #next} to pass over
   */
  default void skip(long count) {
    long left = count;
    while (left > 0) {
      PassedOver part = passOver(left);
      if (part.count() == 0) {
        return;
      }
      left -= part.count();
    }
  }

  /**
   * What this pass has left out so far, and why.
   *
   * <p>An {@link Omissions} keeps this account.
   */
  default LeftOut leftOut() {
    return LeftOut.NOTHING;
  }

  @Override
  void close();
}
