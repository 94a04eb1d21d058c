package org.longlora4j.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.TextPieces;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.DataPosition;
import org.longlora4j.core.data.Packing;
import org.longlora4j.core.data.Row;
import org.longlora4j.core.data.RowStream;
import org.longlora4j.core.data.Tokenizer;

/**
 * What every document source promises. The section should name some ten documents: each of them is
 * skipped to.
 */
public abstract class DocumentSourceContract extends ExtensionContract<DocumentSource> {
  private static final long SEED = 42;
  private static final int ROWS = 40;
  private static final Path OPEN_FILES = Path.of("/proc/self/fd");

  /** How the documents of one epoch and seed relate to those of another. */
  public enum Order {
    /** The same documents in the same order. */
    FIXED,
    /** The same documents in another order. */
    SHUFFLED,
    /** Other documents. */
    DRAWN
  }

  /** Checks sources. */
  protected DocumentSourceContract() {
    super(DocumentSource.class);
  }

  /** What changes with epoch and seed. */
  protected abstract Order order();

  /** Sections that name something that is not there; of none unless overridden. */
  protected List<String> missing() {
    return List.of();
  }

  @Override
  final Map<String, String> recipe(String section) {
    try (DocumentStream stream = extension().open(0, SEED)) {
      int context = stream.next().map(DocumentSourceContract::context).orElse(2 * TinyModel.LENGTH);
      return Map.of("data", section, "context", Integer.toString(context));
    }
  }

  /** A row of tokens must fill the context; the rest is packed. */
  private static int context(Document document) {
    return document instanceof Document.Row row ? row.tokens().length : 2 * TinyModel.LENGTH;
  }

  private static List<Document> read(DocumentSource source, int epoch, long seed) {
    try (DocumentStream stream = source.open(epoch, seed)) {
      return rest(stream);
    }
  }

  private static List<Document> rest(DocumentStream stream) {
    List<Document> documents = new ArrayList<>();
    for (Optional<Document> next = stream.next(); next.isPresent(); next = stream.next()) {
      documents.add(next.get());
    }
    assertThat(stream.next()).as("what follows the end of a pass").isEmpty();
    return documents;
  }

  /** All documents in words, of which each says all of one. */
  private static List<String> told(List<Document> documents) {
    return documents.stream().map(DocumentSourceContract::told).toList();
  }

  private static String told(Document document) {
    if (document instanceof Document.Row row) {
      return row.origin() + Arrays.toString(row.tokens());
    }
    return document instanceof Document.Tokens tokens
        ? tokens.origin() + tokens.last() + Arrays.toString(tokens.tokens())
        : document.toString();
  }

  private static void assertSame(String what, List<Document> actual, List<Document> expected) {
    assertThat(told(actual)).as(what).isEqualTo(told(expected));
  }

  @Test
  void aPassGivesDocumentsWithinBoundsThatEnd() {
    List<Document> all = read(extension(), 0, SEED);
    assertThat(all).as("the documents of a pass").isNotEmpty();
    for (Document document : all) {
      if (document instanceof Document.Text text) {
        assertThat(text.text().length())
            .as("characters of a piece of text")
            .isBetween(1, TextPieces.MAX_CHARACTERS);
      }
    }
    assertThat(all.get(all.size() - 1).last())
        .as("whether the last piece of a pass ends its document")
        .isTrue();
  }

  @Test
  void oneEpochAndSeedGiveTheSameDocumentsEveryTime() {
    for (int epoch = 0; epoch < 2; epoch++) {
      List<Document> all = read(extension(), epoch, SEED);
      assertSame("a second pass of one source", read(extension(), epoch, SEED), all);
      assertSame("a second source", read(extension(), epoch, SEED), all);
    }
  }

  @Test
  void epochsAndSeedsDifferAsIsDeclared() {
    DocumentSource source = extension();
    List<Document> first = read(source, 0, SEED);
    for (List<Document> other : List.of(read(source, 1, SEED), read(source, 0, SEED + 1))) {
      boolean same = Set.copyOf(told(other)).equals(Set.copyOf(told(first)));
      boolean sameOrder = told(other).equals(told(first));
      switch (order()) {
        case FIXED -> assertThat(sameOrder).as("whether the order is the same").isTrue();
        case SHUFFLED -> {
          assertThat(same).as("whether the documents are the same").isTrue();
          assertThat(sameOrder).as("whether the order is the same").isFalse();
        }
        case DRAWN -> assertThat(same).as("whether the documents are the same").isFalse();
      }
    }
  }

  @Test
  void skippingIsTheSameAsReading() {
    DocumentSource source = extension();
    List<Document> all = read(source, 1, SEED);
    for (int skipped = 0; skipped <= all.size() + 1; skipped++) {
      try (DocumentStream stream = source.open(1, SEED)) {
        stream.skip(skipped);
        assertSame(
            "what is left after %d of %d were skipped".formatted(skipped, all.size()),
            rest(stream),
            all.subList(Math.min(skipped, all.size()), all.size()));
      }
    }
    for (int skipped = 0; skipped <= 3; skipped++) {
      try (DocumentStream stream = source.open(1, SEED)) {
        stream.skip(1);
        stream.next();
        stream.skip(skipped);
        assertSame(
            "what is left after 1 was skipped, 1 read and %d skipped".formatted(skipped),
            rest(stream),
            all.subList(Math.min(skipped + 2, all.size()), all.size()));
      }
    }
  }

  @Test
  void nothingComesAfterMoreWasSkippedThanThereIs() {
    try (DocumentStream stream = extension().open(0, SEED)) {
      stream.skip(Long.MAX_VALUE);
      assertThat(stream.next()).isEmpty();
      stream.skip(3);
      assertThat(stream.next()).isEmpty();
      assertThat(stream.passOver(1).count()).isZero();
    }
  }

  @Test
  void passingOverGoesToTheEndOfADocumentAndNoFurther() {
    DocumentSource source = extension();
    List<Document> all = read(source, 0, SEED);
    for (long most : new long[] {1, Long.MAX_VALUE}) {
      try (DocumentStream stream = source.open(0, SEED)) {
        int place = 0;
        while (place < all.size()) {
          DocumentStream.PassedOver passed = stream.passOver(most);
          assertThat(passed.count())
              .as("results passed over, of %d at most, after %d of %d", most, place, all.size())
              .isBetween(1L, Math.min(most, all.size() - place));
          for (int i = place; i < place + passed.count() - 1; i++) {
            assertThat(all.get(i).last()).as("whether a document ends on the way").isFalse();
          }
          place += (int) passed.count();
          assertThat(passed.last())
              .as("whether a document ends with what was passed over")
              .isEqualTo(all.get(place - 1).last());
        }
        assertThat(stream.next()).isEmpty();
      }
    }
  }

  @Test
  void twoPassesAtOnceDoNotDisturbEachOther() {
    DocumentSource source = extension();
    List<Document> all = read(source, 0, SEED);
    List<Document> first = new ArrayList<>();
    List<Document> second = new ArrayList<>();
    try (DocumentStream one = source.open(0, SEED);
        DocumentStream other = source.open(0, SEED)) {
      for (int i = 0; i < all.size(); i++) {
        one.next().ifPresent(first::add);
        other.next().ifPresent(second::add);
      }
    }
    assertSame("one of two passes at once", first, all);
    assertSame("the other of two passes at once", second, all);
  }

  @Test
  void aPassThatIsClosedAnywhereHoldsNoFile() throws IOException {
    DocumentSource source = extension();
    int documents = read(source, 0, SEED).size();
    for (int read = 0; read <= documents; read++) {
      DocumentStream stream = source.open(0, SEED);
      for (int i = 0; i < read; i++) {
        stream.next();
      }
      stream.close();
      stream.close();
      assertThat(openFiles())
          .as("files that are open after a pass was closed, %d of %d in", read, documents)
          .isEmpty();
    }
  }

  /** On systems that do not tell, none. */
  private List<Path> openFiles() throws IOException {
    List<Path> open = new ArrayList<>();
    if (Files.isDirectory(OPEN_FILES)) {
      try (Stream<Path> descriptors = Files.list(OPEN_FILES)) {
        for (Path descriptor : descriptors.toList()) {
          if (Files.isSymbolicLink(descriptor)) {
            open.add(Files.readSymbolicLink(descriptor));
          }
        }
      }
    }
    Path real = folder().toRealPath();
    return open.stream().filter(file -> file.startsWith(real)).toList();
  }

  @Test
  void aRunThatStopsAtAnyRowGoesOnAsItWouldHave() throws IOException {
    Path model = Files.createDirectories(folder().resolve("tokenizer"));
    TinyModel.writeTokenizer(model);
    Files.writeString(model.resolve("config.json"), "{\"eos_token_id\": 1, \"vocab_size\": 512}");
    try (Tokenizer tokenizer = Tokenizer.inDirectory(model).orElseThrow()) {
      int context = contextOfFifteenRows();
      List<Row> all = new ArrayList<>();
      List<DataPosition> positions = new ArrayList<>();
      try (RowStream stream = rows(tokenizer, context, DataPosition.START)) {
        for (int row = 0; row < ROWS; row++) {
          positions.add(stream.position());
          all.add(stream.next());
        }
      }
      for (int from = 0; from < ROWS; from++) {
        try (RowStream resumed = rows(tokenizer, context, positions.get(from))) {
          for (int row = from; row < Math.min(ROWS, from + 3); row++) {
            assertThat(resumed.next())
                .as("row %d of a run resumed at row %d", row, from)
                .isEqualTo(all.get(row));
          }
        }
      }
    }
  }

  private RowStream rows(Tokenizer tokenizer, int context, DataPosition start) {
    return new RowStream(extension(), Optional.of(tokenizer), Packing.CONCAT, context, SEED, start);
  }

  /** A context at which {@link #ROWS} go beyond an epoch. */
  private int contextOfFifteenRows() {
    List<Document> documents = read(extension(), 0, SEED);
    if (documents.get(0) instanceof Document.Row row) {
      return row.tokens().length;
    }
    return (int) (documents.stream().mapToLong(DocumentSourceContract::size).sum() / 15 + 1);
  }

  /** About how many tokens of a byte each. */
  private static long size(Document document) {
    return document instanceof Document.Tokens tokens
        ? tokens.tokens().length
        : document.toString().length();
  }

  @Test
  void whatIsMissingIsNamedBeforeTheFirstDocument() {
    for (String section : missing()) {
      Throwable thrown = catchThrowable(() -> build(section).open(0, SEED).close());
      assertThat(thrown)
          .as("what opening %s throws", section)
          .isInstanceOf(InvalidInputException.class);
      assertThat(thrown.getMessage()).isNotBlank();
    }
  }
}
