package org.longlora4j.plugin.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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

/** What our sources promise beyond the contract of document sources, checked for each of them. */
class EverySourceTest {
  private static final ExtensionRegistry REGISTRY =
      ExtensionRegistry.onClassPath(EverySourceTest.class.getClassLoader());

  @TempDir private Path folder;

  /**
   * Each source with files that it can use and files that it cannot.
   *
   * <p>For each reason there is a part of the message that names the file and the place.
   */
  enum Case {
    TEXT("{use: text, path: texts%s}", "1 empty, 1 not UTF-8"),
    ALPACA("{use: alpaca, path: instructions%s}", "1 empty, 2 not JSON, 1 without output"),
    CHAT("{use: chat, path: chats, template: inst%s}", "1 without an answer, 1 without messages"),
    JSONL(
        "{use: jsonl, path: lines%s}",
        "2 empty, 4 not JSON, 1 not UTF-8, 1 not Unicode, 2 unreadable,"
            + " 2 without the field 'text'"),
    REDPAJAMA("{use: redpajama, path: redpajama%s}", "1 not JSON"),
    PROOF_PILE("{use: proof-pile, path: proof-pile%s}", "1 not JSON"),
    PG19(
        "{use: pg19, path: pg19, published: {from: 1700, to: 1900}%s}",
        "1 empty, 1 line of metadata.csv, 1 not UTF-8, 1 without a year"),
    PDF(
        "{use: pdf, path: papers%s}",
        "1 broken, 1 encrypted, 1 whose text may not be copied, 1 without text"),
    SOURCES_JAR("{use: sources-jar, path: jars%s}", "1 empty, 1 no archive, 1 not UTF-8"),
    TOKEN_BIN(
        "{use: token-bin, path: ids, vocabulary: 300%s}",
        "1 broken id at a file's end, 1 empty, 1 with ids beyond the vocabulary"),
    TOKEN_ROWS(
        "{use: token-rows, path: rows.safetensors, shuffle: true%s}",
        "1 with a number that is no token"),
    MIX(
        "{use: mix, sources: [{source: {use: text, path: texts%1$s}},"
            + " {source: {use: token-bin, path: ids%1$s}, weight: 2},"
            + " {source: {use: passkey, characters: {min: 300, max: 310}, documents: 5}}]}",
        "broken id at a file's end, empty, not UTF-8"),
    PASSKEY("{use: passkey, characters: {min: 300, max: 310}, documents: 9}", ""),
    RANDOM_TOKENS("{use: random-tokens, vocabulary: 300, length: 20, documents: 9}", ""),
    REPEATS("{use: repeats, characters: {min: 8, max: 20}, documents: 9}", "");

    private final String section;
    private final String leftOut;

    Case(String section, String leftOut) {
      this.section = section;
      this.leftOut = leftOut;
    }

    boolean isGenerated() {
      return this == PASSKEY || this == RANDOM_TOKENS || this == REPEATS;
    }

    String extension() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @BeforeEach
  void writeFiles() throws IOException {
    new SampleCorpus(new SampleFiles(folder)).write();
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
