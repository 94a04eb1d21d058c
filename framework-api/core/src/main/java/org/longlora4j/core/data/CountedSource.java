package org.longlora4j.core.data;

import static java.util.Objects.requireNonNull;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.Document.Exchange;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.LeftOut;
import org.longlora4j.api.plugin.InvalidInputException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what is read of a source over all of its passes, and warns of the first few things that
 * are left out, each once. What is only passed over does not count.
 */
public final class CountedSource implements DocumentSource {
  private static final Logger LOG = LoggerFactory.getLogger(CountedSource.class);

  private final DocumentSource source;
  private final Consumer<int[]> check;
  private final Set<String> told = new HashSet<>();
  private DataReport read = DataReport.NONE;

  /**
   * Counts from here.
   *
   * @param source whose documents these are
   * @param check throws if ready-made tokens are not of the model's vocabulary
   */
  public CountedSource(DocumentSource source, Consumer<int[]> check) {
    this.source = requireNonNull(source, "source is null");
    this.check = requireNonNull(check, "check is null");
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    return new Pass(source.open(epoch, seed));
  }

  /** What was read since this was asked last. */
  public DataReport take() {
    DataReport taken = read;
    read = DataReport.NONE;
    return taken;
  }

  private void add(long documents, long characters, long tokens) {
    read = read.plus(new DataReport(documents, characters, tokens, LeftOut.NOTHING));
  }

  private void add(LeftOut leftOut) {
    read = read.plus(new DataReport(0, 0, 0, leftOut));
    for (String example : leftOut.examples()) {
      if (told.size() < LeftOut.MOST_EXAMPLES && told.add(example)) {
        LOG.warn("left out: {}", example);
      }
    }
  }

  /** One pass, whose counts go to the source. */
  private final class Pass implements DocumentStream {
    private final DocumentStream stream;
    private LeftOut known = LeftOut.NOTHING;
    private boolean any;

    Pass(DocumentStream stream) {
      this.stream = stream;
    }

    @Override
    public Optional<Document> next() {
      Optional<Document> next = stream.next();
      LeftOut all = stream.leftOut();
      if (all.total() > known.total()) {
        add(all.since(known));
        known = all;
      }
      next.ifPresent(this::count);
      if (next.isEmpty() && !any && all.total() > 0) {
        throw new InvalidInputException(
            "None of the documents can be used: %s. The first: %s"
                .formatted(all.inWords(), all.examples().get(0)));
      }
      return next;
    }

    private void count(Document document) {
      any = true;
      long ended = document.last() ? 1 : 0;
      if (document instanceof Document.Text text) {
        add(ended, text.text().length(), 0);
      } else if (document instanceof Document.Dialogue dialogue) {
        add(ended, dialogue.exchanges().stream().mapToLong(Exchange::length).sum(), 0);
      } else if (document instanceof Document.Conversation chat) {
        add(ended, chat.messages().stream().mapToLong(m -> m.content().length()).sum(), 0);
      } else {
        int[] tokens =
            document instanceof Document.Row row
                ? row.tokens()
                : ((Document.Tokens) document).tokens();
        check.accept(tokens);
        add(ended, 0, tokens.length);
      }
    }

    @Override
    public PassedOver passOver(long most) {
      PassedOver passed = stream.passOver(most);
      known = stream.leftOut();
      any |= passed.count() > 0;
      return passed;
    }

    @Override
    public void skip(long count) {
      stream.skip(count);
      known = stream.leftOut();
      any |= count > 0;
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
}
