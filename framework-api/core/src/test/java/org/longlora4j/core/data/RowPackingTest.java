package org.longlora4j.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.FixedDocuments;

/** Rows are written with a dot for the end token, {@code |} between documents and _ for padding. */
class RowPackingTest {
  private static final List<Document> TEXTS =
      List.of(
          new Document.Text("abc", true),
          new Document.Text("d", false), // a document in three pieces, one of them empty
          new Document.Text("", false),
          new Document.Text("efghijklmnop", true),
          new Document.Text("qr", true),
          new Document.Text("stuvwx", true));

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

  private RowStream stream(
      List<? extends Document> documents, Packing packing, int context, DataPosition start) {
    return new RowStream(
        new FixedDocuments(List.copyOf(documents)),
        Optional.of(tokenizer),
        packing,
        context,
        0,
        start);
  }

  private List<String> firstEpoch(
      List<? extends Document> documents, Packing packing, int context) {
    List<String> rows = new ArrayList<>();
    try (RowStream stream = stream(documents, packing, context, DataPosition.START)) {
      Row row = stream.next();
      while (stream.position().epoch() == 0) {
        rows.add(shown(row));
        row = stream.next();
      }
    }
    return rows;
  }

  private static String shown(Row row) {
    StringBuilder shown = new StringBuilder();
    int begin = 0;
    for (int length : row.documents()) {
      shown.append(begin == 0 ? "" : "|");
      for (int i = begin; i < begin + length; i++) {
        int token = row.tokens()[i];
        char c = token == ByteLevelTokenizer.END ? '.' : (char) (token - 2);
        shown.append(row.learned()[i] ? Character.toString(c) : "(" + c + ")");
      }
      begin += length;
    }
    return shown + "_".repeat(row.tokens().length - begin);
  }

  private static Document.Dialogue dialogue(String... promptsAndAnswers) {
    List<Document.Exchange> exchanges = new ArrayList<>();
    for (int i = 0; i < promptsAndAnswers.length; i += 2) {
      exchanges.add(new Document.Exchange(promptsAndAnswers[i], promptsAndAnswers[i + 1]));
    }
    return new Document.Dialogue(exchanges, false, "a dialogue");
  }

  @Test
  void paddingGivesEachDocumentRowsOfItsOwn() {
    assertThat(firstEpoch(TEXTS, Packing.PAD, 8))
        .containsExactly("abc.____", "defghijk", "lmnop.__", "qr._____", "stuvwx._");
  }

  @Test
  void isolationPutsDocumentsTogetherThatFitAndCutsThoseAloneThatNeverDo() {
    assertThat(firstEpoch(TEXTS, Packing.ISOLATE, 8))
        .containsExactly("abc.|defg", "hijklmno", "p.|qr.___", "stuvwx._");
    assertThat(firstEpoch(TEXTS, Packing.ISOLATE, 14))
        .containsExactly("abc.__________", "defghijklmnop.", "qr.|stuvwx.____");
  }

  @Test
  void concatenationMarksTheAnswersOfDialoguesToo() {
    assertThat(firstEpoch(List.of(dialogue("a", "b"), dialogue("cd", "e")), Packing.CONCAT, 7))
        .containsExactly("(a)b.(c)(d)e.");
  }

  @Test
  void noTokenIsPredictedFromAnotherDocumentOrFromPaddingOrWithoutBeingLearned() {
    List<Document> documents =
        List.of(dialogue("ab", "cd"), new Document.Text("ef", true), dialogue("g", "h"));
    try (RowStream stream = stream(documents, Packing.ISOLATE, 13, DataPosition.START)) {
      Row row = stream.next();
      assertThat(shown(row)).isEqualTo("(a)(b)cd.|ef.|(g)h.__");
      int none = Row.IGNORED;
      assertThat(row.labels())
          .containsExactly(
              none, 'c' + 2, 'd' + 2, 1, none, // ab → c, c → d, d → end
              'f' + 2, 1, none, // e → f, f → end
              'h' + 2, 1, none, // g → h, h → end
              none, none);
      assertThat(row.counted()).isEqualTo(7);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerBeyondTheContextIsCutAndCounted(Packing packing) {
    List<Document> documents = List.of(dialogue("abc", "defgh"), dialogue("i", "j"));
    try (RowStream stream = stream(documents, packing, 5, DataPosition.START)) {
      assertThat(shown(stream.next())).isEqualTo("(a)(b)(c)de");
      assertThat(stream.counts()).isEqualTo(new RowCounts(1, 1, 0, 0));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aDialogueWithoutATokenOfAnAnswerIsSkippedAndCounted(Packing packing) {
    List<Document> documents =
        List.of(dialogue("abcde", "f"), dialogue("g", "hij"), dialogue("klmnopq", "r"));
    try (RowStream stream = stream(documents, packing, 5, DataPosition.START)) {
      for (int row = 0; row < 3; row++) {
        assertThat(shown(stream.next())).isEqualTo("(g)hij.");
      }
      assertThat(stream.counts().skipped()).isGreaterThanOrEqualTo(3);
      assertThat(stream.counts().cut()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void dataWithoutAnyTokenToLearnIsAnErrorAndNotAnEndlessLoop(Packing packing) {
    try (RowStream stream =
        stream(List.of(dialogue("abcdef", "g")), packing, 5, DataPosition.START)) {
      assertThatThrownBy(stream::next)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("1 dialogues none has a token of an answer")
          .hasMessageContaining("context of 5");
    }
    if (packing != Packing.CONCAT) {
      try (RowStream stream =
          stream(List.of(new Document.Text("", true)), packing, 5, DataPosition.START)) {
        // Under isolate five documents of one token share a row.
        assertThatThrownBy(stream::next)
            .isInstanceOf(InvalidInputException.class)
            .hasMessageContaining("no row of 5 tokens has a token that counts in a loss");
      }
    }
  }

  @Test
  void aRowOfPromptsAloneIsLeftOutAndCounted() {
    List<Document> documents = List.of(dialogue("ab", "c", "defgh", "i"), dialogue("jkl", "m"));
    // Cut to nine tokens, the first ends within its second prompt.
    assertThat(firstEpoch(documents, Packing.CONCAT, 9)).containsExactly("(a)(b)c.(d)(e)(f)(g)(h)");
    try (RowStream stream = stream(documents, Packing.CONCAT, 3, DataPosition.START)) {
      assertThat(shown(stream.next())).isEqualTo("(a)(b)c");
      assertThat(shown(stream.next())).isEqualTo("(a)(b)c"); // of jkl and m no answer is left
      assertThat(stream.counts()).isEqualTo(new RowCounts(3, 2, 1, 0));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStreamOpenedAtAnyPositionGivesTheRest(Packing packing) {
    List<Document> documents = new ArrayList<>(TEXTS);
    documents.add(2, dialogue("y", "z", "01", "2"));
    documents.add(dialogue("345678901234567", "8"));
    for (int context : new int[] {2, 3, 5, 7, 14, 30, 64}) {
      List<Row> all = new ArrayList<>();
      List<DataPosition> positions = new ArrayList<>();
      try (RowStream stream = stream(documents, packing, context, DataPosition.START)) {
        for (int row = 0; row < 40; row++) {
          positions.add(stream.position());
          all.add(stream.next());
        }
      }
      assertThat(positions).doesNotHaveDuplicates();
      for (int from = 0; from < all.size(); from++) {
        try (RowStream resumed = stream(documents, packing, context, positions.get(from))) {
          for (int row = from; row < all.size(); row++) {
            assertThat(resumed.position()).isEqualTo(positions.get(row));
            assertThat(resumed.next()).isEqualTo(all.get(row));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CONCAT")
  void aRowOfTokensLeavesNothingOut(Packing packing) {
    List<Document> mixed =
        List.of(
            new Document.Text("ab", true),
            new Document.Row(new int[] {7, 8, 9, 10}, "somewhere"),
            new Document.Text("cd", false));
    List<String> rows = firstEpoch(mixed, packing, 4);
    assertThat(rows).hasSize(3).startsWith("ab._").endsWith("cd__");
  }

  @Test
  void paddingIsTheTokenThatTheTokenizerNames() throws IOException {
    Files.writeString(model.resolve("tokenizer_config.json"), "{\"pad_token\": \"<s>\"}");
    try (Tokenizer named = Tokenizer.inDirectory(model).orElseThrow();
        RowStream stream =
            new RowStream(
                new FixedDocuments(TEXTS),
                Optional.of(named),
                Packing.PAD,
                6,
                0,
                DataPosition.START)) {
      assertThat(stream.next().tokens()).endsWith(0, 0);
    }
  }
}
