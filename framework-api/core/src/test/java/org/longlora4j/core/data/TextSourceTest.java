package org.longlora4j.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.TextPieces;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.plugin.ExtensionRegistry;

class TextSourceTest {
  @TempDir private Path base;

  @Test
  void itIsOfferedWithoutAnyPlugin() {
    assertThat(new ExtensionRegistry(List.of()).find(DocumentSource.class, "text")).isPresent();
  }

  @Test
  void aFileIsADocument() throws IOException {
    write("corpus/a.txt", "one\ntwo\n");
    assertThat(documents(inOrder("corpus/a.txt")))
        .containsExactly(new Document.Text("one\ntwo\n", true));
  }

  @Test
  void aDirectoryStandsForAllFilesBelowItButHiddenOnes() throws IOException {
    writeNames("corpus/b.md", "corpus/a/z.txt", "corpus/.hidden", "corpus/.git/config", "other");
    assertThat(texts(inOrder("corpus"))).containsExactly("corpus/a/z.txt", "corpus/b.md");
    assertThat(texts(inOrder("corpus/"))).containsExactly("corpus/a/z.txt", "corpus/b.md");
  }

  @Test
  void globsMatchAsInARecipe() throws IOException {
    writeNames("corpus/a.txt", "corpus/b/c.txt", "corpus/b/d/e.txt", "corpus/b/d/f.md", "x.txt");
    assertThat(texts(inOrder("corpus/**/*.txt")))
        .containsExactly("corpus/a.txt", "corpus/b/c.txt", "corpus/b/d/e.txt");
    assertThat(texts(inOrder("**/d/*"))).containsExactly("corpus/b/d/e.txt", "corpus/b/d/f.md");
    assertThat(texts(inOrder("corpus/**/b/**/?.{md,txt}")))
        .containsExactly("corpus/b/c.txt", "corpus/b/d/e.txt", "corpus/b/d/f.md");
    assertThat(texts(inOrder("corpus/**"))).hasSize(4);
    assertThat(texts(inOrder("*.txt"))).containsExactly("x.txt");
    assertThat(texts(inOrder("corpus/[ab]*"))).containsExactly("corpus/a.txt");
  }

  @Test
  void aPatternMayLeadOutOfTheRecipesFolderOrBeAbsolute() throws IOException {
    writeNames("corpus/a.txt", "recipes/r.yaml");
    for (String pattern :
        List.of("../corpus/*.txt", base.toString().replace('\\', '/') + "/c*/*")) {
      FilePattern outside = new FilePattern(base.resolve("recipes"), pattern);
      assertThat(texts(new TextSource(new TextSource.Options(List.of(outside), false, false))))
          .containsExactly("corpus/a.txt");
    }
  }

  @Test
  void aHiddenFileComesIfThePatternNamesIt() throws IOException {
    writeNames("corpus/.notes", "corpus/.data/a.txt");
    assertThat(texts(inOrder("corpus/.notes"))).containsExactly("corpus/.notes");
    assertThat(texts(inOrder("corpus/.data"))).containsExactly("corpus/.data/a.txt");
    assertThat(texts(inOrder("corpus/**/.n*"))).containsExactly("corpus/.notes");
  }

  @Test
  void aFileWhoseNameLooksLikeAGlobIsFound() throws IOException {
    writeNames("notes[1].txt", "notes1.txt");
    assertThat(texts(inOrder("notes[1].txt"))).containsExactly("notes[1].txt");
  }

  @Test
  void patternsFollowOneAnotherAndGiveAFileOnce() throws IOException {
    writeNames("corpus/a.txt", "corpus/b.txt", "c.txt");
    assertThat(texts(inOrder("c.txt", "corpus/b.txt", "corpus/*", "**/*.txt")))
        .containsExactly("c.txt", "corpus/b.txt", "corpus/a.txt");
  }

  @Test
  void everyPatternThatMatchesNothingIsNamedWithTheFolderItStartsFrom() throws IOException {
    writeNames("corpus/a.txt");
    assertThatThrownBy(() -> inOrder("corpus/a.txt", "corpus/*.md", "nowhere/*.md").open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "'corpus/*.md' matches no file: looked in %s%n'nowhere/*.md' matches no file: %s does not exist"
                .formatted(base.resolve("corpus"), base.resolve("nowhere"))
                .replace("\r", ""));
    assertThatThrownBy(() -> inOrder("corpus/{a").open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("'corpus/{a' is no pattern of files");
  }

  @Test
  void emptyFilesAndThoseInOtherEncodingsAreLeftOutWhole() throws IOException {
    write("a", "");
    write("b", "text");
    Files.write(
        base.resolve("c"),
        ("x".repeat(TextPieces.MAX_CHARACTERS + 9) + "\u00e9")
            .getBytes(StandardCharsets.ISO_8859_1));
    try (DocumentStream stream = inOrder("?").open(0, 0)) {
      assertThat(rest(stream)).containsExactly(new Document.Text("text", true));
      assertThat(stream.leftOut().counts())
          .containsExactlyInAnyOrderEntriesOf(Map.of("empty", 1L, "not UTF-8", 1L));
      assertThat(stream.leftOut().examples().get(0))
          .isEqualTo(base.resolve("a") + " is empty. Remove it.");
    }
    assertThatThrownBy(() -> documents(strict("a")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(base.resolve("a") + " is empty");
  }

  @Test
  void theOrderChangesWithSeedAndEpochAloneAndNotWithTheFolder() throws IOException {
    for (int i = 0; i < 20; i++) {
      writeNames("one/%02d".formatted(i), "two/%02d".formatted(i));
    }
    List<String> first = texts(shuffled("one"), 0, 42);
    assertThat(first).hasSize(20).doesNotHaveDuplicates().isNotEqualTo(texts(inOrder("one")));
    assertThat(texts(shuffled("one"), 0, 42)).isEqualTo(first);
    assertThat(texts(shuffled("one"), 1, 42)).isNotEqualTo(first).hasSameElementsAs(first);
    assertThat(texts(shuffled("one"), 0, 43)).isNotEqualTo(first).hasSameElementsAs(first);
    assertThat(texts(shuffled("two"), 0, 42))
        .isEqualTo(first.stream().map(name -> name.replace("one", "two")).toList());
  }

  @Test
  void aLongFileComesInPiecesThatEndAtLineEndsAndMakeUpTheFile() throws IOException {
    String text =
        Stream.iterate(0, i -> i + 1)
            .limit(300_000)
            .map(i -> "line " + i + " \u00e9\ud83d\ude00\r\n")
            .collect(Collectors.joining());
    write("long.txt", text);
    List<Document.Text> pieces = documents(inOrder("long.txt"));
    assertThat(pieces.stream().map(Document.Text::text).collect(Collectors.joining()))
        .isEqualTo(text);
    assertThat(pieces).hasSize(1 + text.length() / TextPieces.MAX_CHARACTERS);
    for (int i = 0; i < pieces.size(); i++) {
      assertThat(pieces.get(i).text()).endsWith("\r\n");
      assertThat(pieces.get(i).text().length()).isLessThanOrEqualTo(TextPieces.MAX_CHARACTERS);
      assertThat(pieces.get(i).last()).isEqualTo(i == pieces.size() - 1);
    }
  }

  @Test
  void aLineLongerThanAPieceIsCutButNoCharacterIs() throws IOException {
    String text = "a" + "\ud83d\ude00".repeat(TextPieces.MAX_CHARACTERS);
    write("line.txt", text);
    List<Document.Text> pieces = documents(inOrder("line.txt"));
    assertThat(pieces).hasSize(3);
    assertThat(pieces.get(0).text()).hasSize(TextPieces.MAX_CHARACTERS - 1).endsWith("\ude00");
    assertThat(pieces.stream().map(Document.Text::text).collect(Collectors.joining()))
        .isEqualTo(text);
  }

  @Test
  void aFileOfExactlyOnePieceIsOnePiece() throws IOException {
    write("exact", "a".repeat(TextPieces.MAX_CHARACTERS));
    write("more", "a".repeat(TextPieces.MAX_CHARACTERS + 1));
    assertThat(documents(inOrder("exact"))).extracting(Document.Text::last).containsExactly(true);
    assertThat(documents(inOrder("more")))
        .extracting(Document.Text::last)
        .containsExactly(false, true);
  }

  @Test
  void skippingIsTheSameAsReading() throws IOException {
    write("a", "");
    write("b", "small");
    write("c", ("x".repeat(99) + "\n").repeat(25_000));
    write("d", "");
    write("e", "last");
    List<Document.Text> all = documents(inOrder("."));
    assertThat(all).hasSize(5);
    for (TextSource source : List.of(inOrder("."), strict("[bce]"))) {
      for (int skipped = 0; skipped <= all.size() + 1; skipped++) {
        try (DocumentStream stream = source.open(0, 0)) {
          stream.skip(skipped);
          assertThat(rest(stream)).isEqualTo(all.subList(Math.min(skipped, 5), 5));
        }
      }
    }
  }

  @Test
  void malformedBytesAreNamedWithTheirPlace() throws IOException {
    byte[] bytes = "a".repeat(100_000).getBytes(StandardCharsets.UTF_8);
    bytes[70_000] = (byte) 0xff;
    Files.write(base.resolve("latin1.txt"), bytes);
    assertThatThrownBy(() -> documents(strict("latin1.txt")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            base.resolve("latin1.txt")
                + " is not UTF-8 text: at byte 70000, counted from 0, there is ff (hexadecimal)."
                + " Convert the file to UTF-8, or leave it out. Or say 'strict: false', which leaves"
                + " it out, counts it and goes on.");
    Files.write(base.resolve("cut.txt"), new byte[] {'a', (byte) 0xe4, (byte) 0xb8});
    assertThatThrownBy(() -> documents(strict("cut.txt")))
        .hasMessageContaining("at byte 1, counted from 0, there is e4 b8 (hexadecimal)");
  }

  private TextSource inOrder(String... patterns) {
    return source(false, false, patterns);
  }

  private TextSource strict(String... patterns) {
    return source(false, true, patterns);
  }

  private TextSource shuffled(String... patterns) {
    return source(true, false, patterns);
  }

  private TextSource source(boolean shuffle, boolean strict, String... patterns) {
    return new TextSource(
        new TextSource.Options(
            Stream.of(patterns).map(pattern -> new FilePattern(base, pattern)).toList(),
            shuffle,
            strict));
  }

  private static List<Document.Text> documents(TextSource source) {
    try (DocumentStream stream = source.open(0, 0)) {
      return rest(stream);
    }
  }

  private static List<Document.Text> rest(DocumentStream stream) {
    List<Document.Text> documents = new ArrayList<>();
    Optional<Document> document = stream.next();
    while (document.isPresent()) {
      documents.add((Document.Text) document.get());
      document = stream.next();
    }
    return documents;
  }

  private static List<String> texts(TextSource source) {
    return texts(source, 0, 0);
  }

  private static List<String> texts(TextSource source, int epoch, long seed) {
    try (DocumentStream stream = source.open(epoch, seed)) {
      return rest(stream).stream().map(Document.Text::text).toList();
    }
  }

  /** Writes files whose text is their name. */
  private void writeNames(String... names) throws IOException {
    for (String name : names) {
      write(name, name);
    }
  }

  private void write(String name, String text) throws IOException {
    Path file = base.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
