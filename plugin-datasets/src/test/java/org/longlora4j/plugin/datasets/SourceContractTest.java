package org.longlora4j.plugin.datasets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.longlora4j.plugin.datasets.SampleFiles.LATIN_1;
import static org.longlora4j.plugin.datasets.SampleFiles.line;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.LeftOut;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.TensorFiles;
import org.longlora4j.core.data.CountedSource;
import org.longlora4j.core.data.DataReport;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.RecipeLibrary;
import org.longlora4j.core.recipe.RecipeReader;
import org.longlora4j.core.tensor.SafetensorsFile;

/** What every source promises, checked for every source. */
class SourceContractTest {
  private static final ExtensionRegistry REGISTRY =
      ExtensionRegistry.onClassPath(SourceContractTest.class.getClassLoader());

  @TempDir private Path folder;
  private SampleFiles files;

  /**
   * Each source with files that it can use and files that it cannot.
   *
   * <p>For each reason there is a part of the message that names the file and the place.
   */
  enum Case {
    TEXT("{use: text, path: texts%s}", true, "1 empty, 1 not UTF-8"),
    ALPACA("{use: alpaca, path: instructions%s}", true, "1 empty, 2 not JSON, 1 without output"),
    CHAT(
        "{use: chat, path: chats, template: inst%s}",
        true, "1 without an answer, 1 without messages"),
    JSONL(
        "{use: jsonl, path: lines%s}",
        true,
        "2 empty, 4 not JSON, 1 not UTF-8, 1 not Unicode, 2 unreadable,"
            + " 2 without the field 'text'"),
    REDPAJAMA("{use: redpajama, path: redpajama%s}", true, "1 not JSON"),
    PROOF_PILE("{use: proof-pile, path: proof-pile%s}", true, "1 not JSON"),
    PG19(
        "{use: pg19, path: pg19, published: {from: 1700, to: 1900}%s}",
        true, "1 empty, 1 line of metadata.csv, 1 not UTF-8, 1 without a year"),
    PDF(
        "{use: pdf, path: papers%s}",
        true, "1 broken, 1 encrypted, 1 whose text may not be copied, 1 without text"),
    SOURCES_JAR("{use: sources-jar, path: jars%s}", true, "1 empty, 1 no archive, 1 not UTF-8"),
    TOKEN_BIN(
        "{use: token-bin, path: ids, vocabulary: 300%s}",
        false, "1 broken id at a file's end, 1 empty, 1 with ids beyond the vocabulary"),
    TOKEN_ROWS(
        "{use: token-rows, path: rows.safetensors, shuffle: true%s}",
        true, "1 with a number that is no token"),
    MIX(
        "{use: mix, sources: [{source: {use: text, path: texts%1$s}},"
            + " {source: {use: token-bin, path: ids%1$s}, weight: 2},"
            + " {source: {use: passkey, characters: {min: 300, max: 310}, documents: 5}}]}",
        true, "broken id at a file's end, empty, not UTF-8"),
    PASSKEY("{use: passkey, characters: {min: 300, max: 310}, documents: 9}", true, ""),
    REPEATS("{use: repeats, characters: {min: 8, max: 20}, documents: 9}", true, "");

    private final String section;
    private final boolean shuffles;
    private final String leftOut;

    Case(String section, boolean shuffles, String leftOut) {
      this.section = section;
      this.shuffles = shuffles;
      this.leftOut = leftOut;
    }

    boolean isGenerated() {
      return this == PASSKEY || this == REPEATS;
    }

    String extension() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @BeforeEach
  void writeFiles() throws IOException {
    files = new SampleFiles(folder);
    for (int i = 0; i < 7; i++) {
      files.text("texts/%d.txt".formatted(i), "text number %d\n".formatted(i).repeat(i + 1));
      files.text("pg19/train/%d.txt".formatted(i), "book number %d\n".formatted(i).repeat(i + 1));
      files.pdf("papers/%d.pdf".formatted(i), "page one of " + i, "page two of " + i);
    }
    files.text("texts/empty.txt", "");
    files.bytes("texts/latin.txt", LATIN_1);
    writeLines();
    writeDialogues();
    files.text("pg19/train/7.txt", "");
    files.bytes("pg19/train/8.txt", LATIN_1);
    files.text("pg19/train/9.txt", "a book that nobody knows");
    files.text("pg19/train/10.txt", "a book of another century");
    files.text("pg19/test/11.txt", "a book to measure on");
    files.text(
        "pg19/metadata.csv",
        IntStream.range(0, 9)
                .mapToObj(i -> "%d,\"Title, the \"\"%d\"\"\",1850,http://x/%d\n".formatted(i, i, i))
                .collect(joining())
            + "broken\n10,Late,1910,http://x/10\n");
    files.text("papers/broken.pdf", "%PDF-1.4 and nothing else");
    files.encryptedPdf("papers/encrypted.pdf", "password");
    files.encryptedPdf("papers/forbidden.pdf", "");
    files.pdf("papers/scanned.pdf", " ");
    writeJars();
    files.uint16(
        "ids/a.bin",
        IntStream.range(0, 3 * TokenFileStream.PIECE_TOKENS / 2).map(i -> i % 255).toArray());
    files.uint16("ids/b.bin", 1, 2, 3, 299);
    files.uint16("ids/c.bin");
    files.bytes("ids/d.bin", new byte[] {7, 0, 8, 0, 9});
    files.uint16("ids/e.bin", 1, 300, 2);
    files.rows("rows.safetensors", 4, IntStream.range(0, 80).map(i -> i == 9 ? -1 : i).toArray());
  }

  private void writeLines() throws IOException {
    String good =
        Stream.of("one", "two", "three", "four").map(t -> line("a " + t)).collect(joining());
    files.bytes(
        "lines/a.jsonl",
        concatenated(
            ("\ufeff" + good + "\n  \r\n{\"text\": \"cut").getBytes(UTF_8),
            "\n{\"text\": \"".getBytes(UTF_8),
            LATIN_1,
            ("\"}\n{\"txt\": \"x\"}\n{\"text\": 7}\n{\"text\": \"\"}\n[1]\n{\"text\": \"x\"} {}\n"
                    + "nothing\n{\"text\": \"\\ud83d\"}\n{\"text\": \"last \\ud83d\\ude00\"}")
                .getBytes(UTF_8)));
    files.gzip("lines/b.jsonl.gz", good.replace("a ", "b "));
    files.zstd("lines/c.jsonl.zst", good.replace("a ", "c "));
    files.text("lines/d.jsonl", "");
    byte[] whole =
        Files.readAllBytes(files.gzip("whole.gz", line("e one") + line("e two".repeat(999))));
    files.bytes("lines/e.jsonl.gz", Arrays.copyOf(whole, whole.length - 12));
    files.bytes("lines/f.jsonl.zst", new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 7, 7, 7});
    files.text("redpajama/arxiv/arxiv_0.jsonl", good);
    files.zstd("redpajama/common_crawl/2019-30/en_0.jsonl.zst", good.replace("a ", "c ") + "{\n");
    files.text("redpajama/wikipedia/wiki.jsonl", good.replace("a ", "w "));
    files.text("redpajama/cc_2019-30_sample.jsonl", line("a sample"));
    files.gzip("proof-pile/train/proofpile_train_0.jsonl.gz", good + "{\n");
    files.gzip("proof-pile/train/proofpile_train_1.jsonl.gz", good.replace("a ", "b "));
    files.gzip("proof-pile/test/proofpile_test.jsonl.gz", line("a test"));
  }

  private void writeDialogues() throws IOException {
    List<String> records =
        IntStream.range(0, 20)
            .mapToObj(i -> "{'instruction': 'question %d', 'output': 'answer %d'}".formatted(i, i))
            .map(record -> record.replace('\'', '"'))
            .toList();
    files.text(
        "instructions/a.json", "[" + String.join(",\n", records.subList(0, 12)) + ",\n{\"inst");
    files.text(
        "instructions/b.jsonl",
        String.join("\n", records.subList(12, 20)) + "\n{\"inst\n{\"instruction\": \"x\"}\n");
    files.text("instructions/c.json", "");
    files.text(
        "chats/a.jsonl",
        IntStream.range(0, 20)
                .mapToObj(
                    i ->
                        ("{'messages': [{'role': 'user', 'content': 'question %d'},"
                                + " {'role': 'assistant', 'content': 'answer %d'}]}\n")
                            .formatted(i, i))
                .map(record -> record.replace('\'', '"'))
                .collect(joining())
            + "{\"messages\": []}\n{}\n");
  }

  private void writeJars() throws IOException {
    for (String jar : List.of("a", "b")) {
      files.zip(
          "jars/" + jar + "-sources.jar",
          IntStream.range(0, 5)
              .boxed()
              .collect(
                  Collectors.toMap(
                      i -> "C" + i + ".java", i -> (jar + i + "\n").repeat(9).getBytes(UTF_8))));
    }
    files.zip("jars/c.jar", Map.of("Empty.java", new byte[0], "Latin.java", LATIN_1));
    files.text("jars/d.jar", "no archive");
  }

  private static byte[] concatenated(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private DocumentSource source(Case source, String more) {
    String section = source.section.formatted(more);
    return REGISTRY.create(
        new RecipeReader(REGISTRY, RecipeLibrary.empty())
            .choose(DocumentSource.class, section, folder),
        binder -> binder.bind(TensorFiles.class).toInstance(SafetensorsFile::open));
  }

  @Test
  void everySourceIsAmongThem() {
    assertThat(REGISTRY.names(DocumentSource.class))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(Case.values()).map(Case::extension).toList());
  }

  @ParameterizedTest
  @EnumSource
  void aPassStoppedAnywhereAndResumedGivesTheRest(Case source) throws IOException {
    SourceContract.assertHolds(source(source, ""), folder);
  }

  @ParameterizedTest
  @EnumSource
  void anEpochGivesEveryDocumentOnceAndTheNextOneThemAgain(Case source) {
    List<String> first = SourceContract.told(source(source, ""), 0, 1);
    List<String> second = SourceContract.told(source(source, ""), 1, 1);
    if (source.isGenerated()) {
      assertThat(second).hasSameSizeAs(first).doesNotContainAnyElementsOf(first);
    } else if (source != Case.MIX) { // whose sources start over
      assertThat(first).hasSizeGreaterThan(4 - (source == Case.TOKEN_BIN ? 1 : 0));
      assertThat(first).doesNotHaveDuplicates();
      assertThat(second).containsExactlyInAnyOrderElementsOf(first);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theOrderDependsOnSeedAndEpochWhereSomethingIsShuffled(Case source) {
    List<String> order = SourceContract.told(source(source, ""), 0, 1);
    assertThat(SourceContract.told(source(source, ""), 0, 1)).isEqualTo(order);
    BiFunction<Integer, Integer, List<String>> other =
        (epoch, seed) -> SourceContract.told(source(source, ""), epoch, seed);
    assertThat(other.apply(0, 2).equals(order)).isEqualTo(!source.shuffles);
    assertThat(other.apply(1, 1).equals(order)).isEqualTo(!source.shuffles);
  }

  @ParameterizedTest
  @EnumSource
  void closingReleasesAllFiles(Case source) throws IOException {
    SourceContract.assertThatClosingReleasesFiles(source(source, ""), folder);
  }

  @ParameterizedTest
  @EnumSource
  void nothingComesAfterMoreWasSkippedThanThereIs(Case source) {
    try (DocumentStream stream = source(source, "").open(0, 1)) {
      stream.skip(Long.MAX_VALUE);
      assertThat(stream.next()).isEmpty();
      stream.skip(3);
      assertThat(stream.next()).isEmpty();
      assertThat(stream.passOver(1).count()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatCannotBeUsedIsLeftOutAndCountedWithItsReason(Case source) {
    LeftOut leftOut = SourceContract.leftOut(source(source, ""));
    // How often a mix starts its sources over decides how often it meets the same.
    assertThat(source == Case.MIX ? leftOut.inWords().replaceAll("\\d+ ", "") : leftOut.inWords())
        .isEqualTo(source.leftOut);
    assertThat(leftOut.examples())
        .doesNotHaveDuplicates()
        .hasSizeBetween(Integer.signum((int) leftOut.total()), LeftOut.MOST_EXAMPLES)
        .allMatch(example -> example.contains(folder.toString()))
        .allMatch(example -> example.endsWith(".") || example.contains("line"));
  }

  @ParameterizedTest
  @EnumSource
  void aStrictSourceRefusesWhatCannotBeUsed(Case source) {
    if (source.isGenerated()) {
      return; // nothing of it comes from outside
    }
    DocumentSource strict = source(source, ", strict: true");
    assertThatThrownBy(() -> SourceContract.read(strict, 0, 1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageEndingWith(
            " Or say 'strict: false', which leaves it out, counts it and goes on.");
  }

  @ParameterizedTest
  @EnumSource
  void theFrameworkCountsWhatWasReadAndNotWhatWasSkipped(Case source) {
    List<Document> documents = SourceContract.read(source(source, ""), 0, 1);
    long whole = documents.stream().filter(Document::last).count();
    CountedSource counted = new CountedSource(source(source, ""), tokens -> {});

    assertThat(SourceContract.read(counted, 0, 1)).hasSameSizeAs(documents);
    DataReport read = counted.take();
    assertThat(read.documents()).isEqualTo(whole);
    assertThat(read.leftOut().total() > 0).isEqualTo(!source.isGenerated());
    assertThat(counted.take()).isEqualTo(DataReport.NONE);
    try (DocumentStream stream = counted.open(0, 1)) {
      stream.skip(documents.size());
      Optional<Document> none = stream.next();
      assertThat(none).isEmpty();
    }
    assertThat(counted.take().documents()).isZero();
  }
}
