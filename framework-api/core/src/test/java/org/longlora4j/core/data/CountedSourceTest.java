package org.longlora4j.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.LeftOut;
import org.longlora4j.api.data.Omissions;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.FixedDocuments;

class CountedSourceTest {
  private static final List<Document> DOCUMENTS =
      List.of(
          new Document.Text("begin", false),
          new Document.Text("end", true),
          new Document.Tokens(new int[] {1, 2, 3}, true, "file"),
          new Document.Row(new int[] {4, 5}, "row"));

  private static void readAll(DocumentSource source, int skipped) {
    try (DocumentStream stream = source.open(0, 0)) {
      stream.skip(skipped);
      while (stream.next().isPresent()) {
        assertThat(stream.leftOut().total()).isLessThan(3);
      }
    }
  }

  @Test
  void documentsCharactersAndTokensAreCountedOverAllPasses() {
    CountedSource source = new CountedSource(new FixedDocuments(DOCUMENTS), tokens -> {});
    readAll(source, 0);
    readAll(source, 3);

    DataReport read = source.take();
    assertThat(read).isEqualTo(new DataReport(4, 8, 7, LeftOut.NOTHING));
    assertThat(read.toText()).isEqualTo("Read 4 documents, 8 characters, 7 tokens.");
    assertThat(source.take()).isEqualTo(DataReport.NONE);
  }

  @Test
  void readyMadeTokensAreCheckedWhereverTheyAre() {
    CountedSource source =
        new CountedSource(
            new FixedDocuments(DOCUMENTS),
            tokens -> {
              if (tokens[0] == 4) {
                throw new InvalidInputException("not in the vocabulary");
              }
            });
    assertThatThrownBy(() -> readAll(source, 0)).hasMessage("not in the vocabulary");
    assertThat(source.take().documents()).isEqualTo(2);
  }

  /** Leaves out a document after each that it gives, and after those that are passed over. */
  private static DocumentSource leavingOut(int given) {
    return (epoch, seed) ->
        new DocumentStream() {
          private final Omissions omissions = new Omissions(false);
          private int next;

          @Override
          public Optional<Document> next() {
            omissions.leaveOut("empty", "file " + next + " is empty.");
            next++;
            return next > given ? Optional.empty() : Optional.of(new Document.Text("text", true));
          }

          @Override
          public LeftOut leftOut() {
            return omissions.leftOut();
          }

          @Override
          public void close() {}
        };
  }

  @Test
  void whatIsLeftOutWhileSkippingWasCountedBefore() {
    CountedSource source = new CountedSource(leavingOut(1), tokens -> {});
    readAll(source, 1);
    assertThat(source.take())
        .isEqualTo(
            new DataReport(0, 0, 0, new LeftOut(Map.of("empty", 1L), List.of("file 1 is empty."))));
    readAll(source, 0);
    assertThat(source.take().toText())
        .isEqualTo("Read 1 document, 4 characters. Left out 2: 2 empty.");
  }

  @Test
  void dataOfWhichNothingCanBeUsedIsRefusedWithTheReasons() {
    assertThatThrownBy(() -> readAll(new CountedSource(leavingOut(0), tokens -> {}), 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("None of the documents can be used: 1 empty. The first: file 0 is empty.");
  }
}
