package org.longlora4j.core.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.data.Document;
import org.longlora4j.core.FixedDocuments;

class SlidingWindowsTest {
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

  private List<SlidingWindows.Window> windows(List<Document> documents, int length) {
    List<SlidingWindows.Window> all = new ArrayList<>();
    try (SlidingWindows windows =
        new SlidingWindows(new FixedDocuments(documents), Optional.of(tokenizer), length, length)) {
      for (Optional<SlidingWindows.Window> next = windows.next();
          next.isPresent();
          next = windows.next()) {
        all.add(next.get());
      }
    }
    return all;
  }

  private List<int[]> tokens(List<Document> documents, int length) {
    return windows(documents, length).stream().map(SlidingWindows.Window::tokens).toList();
  }

  private static Document row(int... tokens) {
    return new Document.Row(tokens, "somewhere");
  }

  @Test
  void windowsCoverOnePassOnce() {
    List<Document> texts =
        List.of(
            new Document.Text("abc", true),
            new Document.Text("d", false), // a document in three pieces, one of them empty
            new Document.Text("", false),
            new Document.Text("efghijklmnop", true));
    int[] pass =
        "abc.defghijklmnop.".chars().map(c -> c == '.' ? ByteLevelTokenizer.END : c + 2).toArray();
    for (int length : new int[] {1, 4, 7, 18, 19}) {
      List<int[]> windows = tokens(texts, length);
      int whole = pass.length / length;
      assertThat(windows).hasSize(whole).allMatch(w -> w.length == length);
      assertThat(windows.stream().flatMapToInt(Arrays::stream).toArray())
          .isEqualTo(Arrays.copyOf(pass, whole * length));
    }
  }

  @Test
  void aRowOfTokensHasWindowsOfItsOwn() {
    List<Document> mixed =
        List.of(
            new Document.Text("a", true), row(5, 6, 7, 8), row(9), new Document.Text("b", true));
    assertThat(tokens(mixed, 3)).containsExactly(new int[] {5, 6, 7});
    assertThat(tokens(mixed, 2))
        .containsExactly(
            new int[] {'a' + 2, 1}, new int[] {5, 6}, new int[] {7, 8}, new int[] {'b' + 2, 1});
  }

  @Test
  void everyKindOfDocumentHasWindows() {
    List<Document> mixed =
        List.of(
            new Document.Tokens(new int[] {5, 6, 7}, false, "a file"),
            new Document.Tokens(new int[] {8, 9}, true, "a file"),
            new Document.Dialogue(List.of(new Document.Exchange("a", "b")), false, "a dialogue"),
            new Document.Text("c", true));
    assertThat(tokens(mixed, 2))
        .containsExactly(
            new int[] {5, 6},
            new int[] {7, 8},
            new int[] {9, 'a' + 2},
            new int[] {'b' + 2, ByteLevelTokenizer.END},
            new int[] {'c' + 2, ByteLevelTokenizer.END});
    assertThat(windows(mixed, 2).stream().map(SlidingWindows.Window::bytes))
        .startsWith(new int[] {SlidingWindows.UNKNOWN, SlidingWindows.UNKNOWN})
        .endsWith(new int[] {1, 0});
  }
}
