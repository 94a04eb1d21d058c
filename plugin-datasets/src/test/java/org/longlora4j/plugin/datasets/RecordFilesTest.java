package org.longlora4j.plugin.datasets;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.longlora4j.plugin.datasets.SampleFiles.line;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.TextPieces;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.InvalidInputException;

class RecordFilesTest {
  @TempDir private Path folder;
  private SampleFiles files;

  @BeforeEach
  void useFolder() {
    files = new SampleFiles(folder);
  }

  private JsonLines lines(String path, String field, boolean shuffle, int buffer, boolean strict) {
    return new JsonLines(
        new JsonLines.Options(
            List.of(new FilePattern(folder, path)), field, shuffle, buffer, strict));
  }

  private JsonLines strict(String path) {
    return lines(path, "text", false, 1, true);
  }

  @Test
  void theNamedFieldOfEachLineIsADocument() throws IOException {
    files.text(
        "a.jsonl",
        "{\"id\": 1, \"inner\": {\"body\": \"no\"}, \"body\": \"one\\ntwo\"}\r\n\r\n"
            + "{\"body\": \"\\u00e9 \\ud83d\\ude00\"}");

    assertThat(SourceContract.read(lines("*.jsonl", "body", false, 1, true), 0, 0))
        .containsExactly(
            new Document.Text("one\ntwo", true), new Document.Text("\u00e9 \ud83d\ude00", true));
  }

  @Test
  void aFileThatTheZstdCommandPackedIsRead() throws IOException {
    try (InputStream packed = RecordFilesTest.class.getResourceAsStream("two.jsonl.zst")) {
      files.bytes("two.jsonl.zst", packed.readAllBytes());
    }
    assertThat(SourceContract.texts(strict("two.jsonl.zst"), 0, 0)).containsExactly("one", "two");
  }

  @Test
  void packedFilesMayHaveAnyNameAndSeveralParts() throws IOException {
    byte[] first = Files.readAllBytes(files.gzip("first", line("one")));
    byte[] second = Files.readAllBytes(files.gzip("second", line("two")));
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    files.bytes("both", both);

    assertThat(SourceContract.texts(strict("both"), 0, 0)).containsExactly("one", "two");
  }

  @Test
  void longDocumentsComeInPiecesWhichAreSkippedOneByOne() throws IOException {
    String text = "x".repeat(99) + "\\n";
    files.text("a.jsonl", line("first") + line(text.repeat(25_000)) + line("last") + line("end"));
    List<Document> all = SourceContract.read(strict("a.jsonl"), 0, 0);

    assertThat(all)
        .extracting(Document::last)
        .containsExactly(true, false, false, true, true, true);
    assertThat(all.subList(1, 3))
        .allMatch(piece -> ((Document.Text) piece).text().length() <= TextPieces.MAX_CHARACTERS)
        .allMatch(piece -> ((Document.Text) piece).text().endsWith("\n"));
    SourceContract.assertThatSkippingIsReading(strict("a.jsonl"));
    SourceContract.assertThatSkippingIsReading(lines("a.jsonl", "text", false, 1, false));
    SourceContract.assertThatSkippingIsReading(lines("a.jsonl", "text", true, 2, false));
  }

  @Test
  void documentsAreDrawnFromThoseThatAreHeld() throws IOException {
    files.text(
        "a.jsonl",
        IntStream.range(0, 100).mapToObj(i -> line(Integer.toString(i))).collect(joining()));
    List<String> inOrder = SourceContract.texts(lines("a.jsonl", "text", true, 1, true), 0, 0);
    List<String> near = SourceContract.texts(lines("a.jsonl", "text", true, 10, true), 0, 0);

    assertThat(inOrder).isEqualTo(IntStream.range(0, 100).mapToObj(Integer::toString).toList());
    assertThat(near).isNotEqualTo(inOrder).containsExactlyInAnyOrderElementsOf(inOrder);
    for (int i = 0; i < near.size(); i++) {
      assertThat(Integer.parseInt(near.get(i))).isLessThan(i + 10);
    }
  }

  @Test
  void messagesNameTheFileTheLineAndWhatWasFound() throws IOException {
    Path file = files.text("a.jsonl", line("one") + "\n{\"text\": [1]}\n");
    assertThatThrownBy(() -> SourceContract.read(strict("a.jsonl"), 0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(
            file
                + " line 3 has no text in its field 'text' but a list. Mend the line or remove it.");
    Path broken = files.text("b.jsonl", "{\"text\": \"one\"");
    assertThatThrownBy(() -> SourceContract.read(strict("b.jsonl"), 0, 0))
        .hasMessageStartingWith(broken + " line 1 is not JSON: ");
    Path latin =
        files.bytes("c.jsonl", "{\"text\": \"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> SourceContract.read(strict("c.jsonl"), 0, 0))
        .hasMessageStartingWith(
            latin
                + " line 1 is not UTF-8 text: at byte 10 of the line, counted from 0, there is e9");
  }

  @Test
  void redPajamaIsReadBySubsets() throws IOException {
    files.text("arxiv/arxiv_0.jsonl", line("arxiv"));
    files.zstd(
        "common_crawl/2023-06/en_head_0000.json.gz.dedup.classifier.jsonl.zst", line("crawl"));
    files.text("cc_2023-06_sample.jsonl", line("sample"));

    assertThat(SourceContract.texts(redPajama(), 0, 0))
        .containsExactlyInAnyOrder("arxiv", "crawl", "sample");
    assertThat(SourceContract.texts(redPajama(RedPajama.Subset.ARXIV), 0, 0))
        .containsExactly("arxiv");
    assertThatThrownBy(() -> redPajama(RedPajama.Subset.ARXIV, RedPajama.Subset.C4).open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            folder
                + " has none of the files of RedPajama-Data-1T: looked for c4/**/*.jsonl*,"
                + " c4_sample.jsonl*.");
  }

  private DocumentSource redPajama(RedPajama.Subset... subsets) {
    return new RedPajama(new RedPajama.Options(folder, List.of(subsets), true, 256, true));
  }

  @Test
  void proofPileIsReadBySplits() throws IOException {
    files.gzip("train/proofpile_train_0.jsonl.gz", line("train"));
    files.gzip("dev/proofpile_dev.jsonl.gz", line("dev"));

    assertThat(SourceContract.texts(proofPile(folder, ProofPile.Split.DEV), 0, 0))
        .containsExactly("dev");
    assertThatThrownBy(() -> proofPile(folder, ProofPile.Split.TEST).open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageEndingWith("looked for test/proofpile_test*.jsonl*.");
    Path nowhere = folder.resolve("nowhere");
    assertThatThrownBy(() -> proofPile(nowhere, ProofPile.Split.TEST).open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(nowhere + " is no folder. Name the one that Proof-pile was put in.");
  }

  private static DocumentSource proofPile(Path path, ProofPile.Split split) {
    return new ProofPile(new ProofPile.Options(path, split, true, 256, true));
  }
}
