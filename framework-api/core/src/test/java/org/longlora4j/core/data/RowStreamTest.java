package org.longlora4j.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.FixedDocuments;

class RowStreamTest {
  private static final List<Document> TEXTS =
      List.of(
          new Document.Text("abc", true),
          new Document.Text("d", false), // a document in three pieces, one of them empty
          new Document.Text("", false),
          new Document.Text("efghijklmnop", true),
          new Document.Text("", true),
          new Document.Text("qrstuvwxyz", true));

  @TempDir private Path model;
  private Tokenizer tokenizer;

  @BeforeEach
  void openTokenizer() throws IOException {
    tokenizer = ByteLevelTokenizer.in(model);
  }

  @AfterEach
  void closeTokenizer() {
    tokenizer.close();
  }

  /** What one epoch of {@link #TEXTS} is in tokens: a dot stands for the end token. */
  private static int[] epoch() {
    return "abc.defghijklmnop..qrstuvwxyz."
        .chars()
        .map(c -> c == '.' ? ByteLevelTokenizer.END : c + 2)
        .toArray();
  }

  private RowStream stream(List<Document> documents, int context, DataPosition start) {
    return new RowStream(
        new FixedDocuments(documents), Optional.of(tokenizer), Packing.CONCAT, context, 0, start);
  }

  @Test
  void textsArePackedOneAfterAnotherAndEpochAfterEpoch() {
    int[] epoch = epoch();
    for (int context = 1; context <= 2 * epoch.length + 1; context++) {
      try (RowStream stream = stream(TEXTS, context, DataPosition.START)) {
        for (int row = 0; row * context < 4 * epoch.length; row++) {
          int start = row * context;
          assertThat(stream.next().tokens())
              .isEqualTo(
                  IntStream.range(start, start + context)
                      .map(i -> epoch[i % epoch.length])
                      .toArray());
        }
      }
    }
  }

  @Test
  void aStreamOpenedAtAnyPositionGivesTheRest() {
    for (int context : new int[] {1, 2, 3, 5, 7, 15, 30, 31, 64}) {
      int rows = 3 * epoch().length / context + 2;
      List<Row> all = new ArrayList<>();
      List<DataPosition> positions = new ArrayList<>();
      try (RowStream stream = stream(TEXTS, context, DataPosition.START)) {
        for (int row = 0; row < rows; row++) {
          positions.add(stream.position());
          all.add(stream.next());
        }
      }
      assertThat(positions).doesNotHaveDuplicates().startsWith(DataPosition.START);
      for (int from = 0; from < rows; from++) {
        try (RowStream resumed = stream(TEXTS, context, positions.get(from))) {
          for (int row = from; row < rows; row++) {
            assertThat(resumed.position()).isEqualTo(positions.get(row));
            assertThat(resumed.next()).isEqualTo(all.get(row));
          }
        }
      }
    }
  }

  @Test
  void aPositionCountsEpochsDocumentsAndTokens() {
    try (RowStream stream = stream(TEXTS, 7, DataPosition.START)) {
      stream.next(); // abc.def
      assertThat(stream.position()).isEqualTo(new DataPosition(0, 3, 2));
      for (int i = 0; i < 4; i++) {
        stream.next();
      }
      assertThat(stream.position()).isEqualTo(new DataPosition(1, 2, 0)); // abc.d
    }
  }

  @Test
  void rowsOfTokensPassThroughAsTheyStand() {
    List<Document> rows = List.of(row(1, 2, 3), row(4, 5, 6));
    DocumentSource source = new FixedDocuments(rows);
    try (RowStream stream =
        new RowStream(source, Optional.empty(), Packing.CONCAT, 3, 0, new DataPosition(0, 1, 0))) {
      assertThat(stream.next().tokens()).containsExactly(4, 5, 6);
      assertThat(stream.position()).isEqualTo(new DataPosition(0, 2, 0));
      assertThat(stream.next().tokens()).containsExactly(1, 2, 3);
      assertThat(stream.position()).isEqualTo(new DataPosition(1, 1, 0));
    }
  }

  @Test
  void aRowOfTokensEndsThePackingOfTheTextsBeforeIt() {
    List<Document> mixed =
        List.of(new Document.Text("abcd", true), row(7, 8, 9), new Document.Text("ef", true));
    try (RowStream stream = stream(mixed, 3, DataPosition.START)) {
      assertThat(stream.next().tokens()).containsExactly('a' + 2, 'b' + 2, 'c' + 2);
      assertThat(stream.next().tokens()).containsExactly(7, 8, 9);
      assertThat(stream.position()).isEqualTo(new DataPosition(0, 2, 0));
      assertThat(stream.next().tokens()).containsExactly('e' + 2, 'f' + 2, ByteLevelTokenizer.END);
      assertThat(stream.next().tokens()).containsExactly('a' + 2, 'b' + 2, 'c' + 2);
    }
  }

  @Test
  void aRowOfAnotherLengthIsNamed() {
    try (RowStream stream = stream(List.of(row(1, 2, 3)), 4, DataPosition.START)) {
      assertThatThrownBy(stream::next)
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(
              "somewhere has 3 tokens, but the context is 4: a row must fill the context exactly."
                  + " Set context to 3, or give rows of 4 tokens.");
    }
  }

  @Test
  void aFailureLeavesThePositionAtTheRowThatFailed() {
    List<Document> brokenOff = List.of(TEXTS.get(0), TEXTS.get(0), row(1, 2));
    try (RowStream stream = stream(brokenOff, 5, DataPosition.START)) {
      stream.next();
      assertThatThrownBy(stream::next).isInstanceOf(InvalidInputException.class);
      assertThat(stream.position()).isEqualTo(new DataPosition(0, 1, 1));
    }
  }

  @Test
  void textWithoutATokenizerIsRefused() {
    try (RowStream stream =
        new RowStream(
            new FixedDocuments(TEXTS),
            Optional.empty(),
            Packing.CONCAT,
            4,
            0,
            DataPosition.START)) {
      assertThatThrownBy(stream::next)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("the model has no tokenizer.json")
          .hasMessageContaining("use: token-rows");
    }
  }

  @Test
  void anEpochWithoutTokensIsAnErrorAndNotAnEndlessLoop() {
    try (RowStream nothing = stream(List.of(), 4, DataPosition.START);
        RowStream empty = stream(List.of(new Document.Text("", false)), 4, DataPosition.START)) {
      for (RowStream stream : List.of(nothing, empty)) {
        assertThatThrownBy(stream::next)
            .isInstanceOf(InvalidInputException.class)
            .hasMessage("The data holds no tokens: all of its documents are empty.");
      }
    }
  }

  @Test
  void aPositionThatTheDataNoLongerHasIsRefused() {
    assertThatThrownBy(() -> stream(TEXTS, 4, new DataPosition(2, 0, 5)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("document 0 of epoch 2 ends before token 5");
    assertThatThrownBy(() -> stream(TEXTS, 4, new DataPosition(0, 6, 1)))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> new DataPosition(0, -1, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Document row(int... tokens) {
    return new Document.Row(tokens, "somewhere");
  }
}
