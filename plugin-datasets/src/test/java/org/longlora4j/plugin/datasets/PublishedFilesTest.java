package org.longlora4j.plugin.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.DataPosition;
import org.longlora4j.core.data.Packing;
import org.longlora4j.core.data.RowStream;

class PublishedFilesTest {
  @TempDir private Path folder;
  private SampleFiles files;

  @BeforeEach
  void useFolder() {
    files = new SampleFiles(folder);
  }

  private Pg19 pg19(Pg19.Split split, Optional<Pg19.Years> years) {
    return new Pg19(new Pg19.Options(folder, split, years, false, true));
  }

  @Test
  void booksAreReadBySplitAndYear() throws IOException {
    files.text("train/10.txt", "old");
    files.text("train/11.txt", "new");
    files.text("test/12.txt", "test");
    assertThat(SourceContract.texts(pg19(Pg19.Split.TRAIN, Optional.empty()), 0, 0))
        .containsExactly("old", "new");
    assertThat(SourceContract.texts(pg19(Pg19.Split.TEST, Optional.empty()), 0, 0))
        .containsExactly("test");

    Optional<Pg19.Years> late = Optional.of(new Pg19.Years(1800, 1918));
    assertThatThrownBy(() -> pg19(Pg19.Split.TRAIN, late).open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "metadata.csv, which tells when books were published, cannot be read");
    files.text(
        "metadata.csv",
        "10,\"Alice, or \"\"Under Ground\"\"\",1611,http://a/10\n11,Emma,1815,http://a/11\n");
    assertThat(SourceContract.texts(pg19(Pg19.Split.TRAIN, late), 0, 0)).containsExactly("new");
    Optional<Pg19.Years> never = Optional.of(new Pg19.Years(1900, 1918));
    assertThatThrownBy(() -> pg19(Pg19.Split.TRAIN, never).open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("None of the 2 books was published from 1900 to 1918, by ")
        .hasMessageEndingWith("metadata.csv. Give other years.");
    assertThatThrownBy(() -> new Pg19.Years(2, 1)).hasMessage("from is 2, must be at most to, 1");
  }

  private PdfFiles pdf(PdfFiles.Order order) {
    return new PdfFiles(
        new PdfFiles.Options(List.of(new FilePattern(folder, "*.pdf")), order, false, true));
  }

  @Test
  void thePagesOfAPdfFollowOneAnother() throws IOException {
    files.pdf("a.pdf", "The first page.", "The second page.");
    for (PdfFiles.Order order : PdfFiles.Order.values()) {
      assertThat(SourceContract.read(pdf(order), 0, 0))
          .containsExactly(new Document.Text("The first page.\nThe second page.\n", true));
    }
  }

  @Test
  void pdfsThatCannotBeReadAreNamedWithTheReason() throws IOException {
    Path locked = files.encryptedPdf("a.pdf", "password");
    assertThatThrownBy(() -> SourceContract.read(pdf(PdfFiles.Order.FILE), 0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(locked + " needs a password. Save it without one. Leave it out.");
  }

  private TokenFiles tokens(TokenFiles.Type type, OptionalInt vocabulary, boolean strict) {
    return new TokenFiles(
        new TokenFiles.Options(
            List.of(new FilePattern(folder, "*.bin")), type, vocabulary, strict));
  }

  @Test
  void idsOfTwoAndFourBytesAreReadAsTheyStand() throws IOException {
    files.uint16("a.bin", 0, 1, 65_535);
    Document two =
        SourceContract.read(tokens(TokenFiles.Type.UINT16, OptionalInt.empty(), true), 0, 0).get(0);
    assertThat(((Document.Tokens) two).tokens()).containsExactly(0, 1, 65_535);
    files.uint32("a.bin", 0, 65_536, Integer.MAX_VALUE - 1);
    Document four =
        SourceContract.read(tokens(TokenFiles.Type.UINT32, OptionalInt.empty(), true), 0, 0).get(0);
    assertThat(((Document.Tokens) four).tokens()).containsExactly(0, 65_536, Integer.MAX_VALUE - 1);
    assertThat(((Document.Tokens) four).origin()).isEqualTo(folder.resolve("a.bin") + " token 0");
  }

  @Test
  void tokensArePackedIntoRowsOfAnyLengthAsTheyStand() throws IOException {
    files.uint16("a.bin", 5, 6, 7);
    files.uint16("b.bin", 8, 9);
    TokenFiles source = tokens(TokenFiles.Type.UINT16, OptionalInt.empty(), true);
    try (RowStream rows =
        new RowStream(source, Optional.empty(), Packing.CONCAT, 2, 0, DataPosition.START)) {
      assertThat(rows.next().tokens()).containsExactly(5, 6);
      assertThat(rows.next().tokens()).containsExactly(7, 8);
      assertThat(rows.next().tokens()).containsExactly(9, 5);
    }
  }

  @Test
  void aLongFileIsSkippedThroughWithoutReading() throws IOException {
    int[] ids =
        IntStream.range(0, 3 * TokenFileStream.PIECE_TOKENS + 5).map(i -> i % 500).toArray();
    files.uint16("a.bin", ids);
    files.uint16("b.bin", 1, 2);
    TokenFiles source = tokens(TokenFiles.Type.UINT16, OptionalInt.of(500), false);

    assertThat(SourceContract.read(source, 0, 0))
        .extracting(Document::last)
        .containsExactly(false, false, false, true, true);
    SourceContract.assertThatSkippingIsReading(source);
  }

  @Test
  void idsBeyondTheVocabularyTellOfAnotherTypeOrTokenizer() throws IOException {
    Path file = files.uint16("a.bin", 5, 40_000, 3);
    assertThatThrownBy(
            () ->
                SourceContract.read(
                    tokens(TokenFiles.Type.UINT16, OptionalInt.of(32_000), true), 0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(
            file
                + " token 1, counted from 0, is 40000, which is not below 32000: 'type' is not"
                + " uint16, or the file was made with another tokenizer.");
    Path odd = files.bytes("a.bin", new byte[] {1, 0, 2, 0, 3, 0});
    assertThatThrownBy(
            () ->
                SourceContract.read(
                    tokens(TokenFiles.Type.UINT32, OptionalInt.empty(), true), 0, 0))
        .hasMessageStartingWith(
            odd
                + " has 6 bytes, no multiple of the 4 of an id: it breaks off, or 'type' is not"
                + " uint32.");
  }
}
