package org.longlora4j.plugin.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.TextPieces;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.RecipeLibrary;
import org.longlora4j.core.recipe.RecipeReader;

class MixTest {
  @TempDir private Path folder;

  @BeforeEach
  void writeTexts() throws IOException {
    for (int i = 0; i < 30; i++) {
      write("many/%02d.txt".formatted(i), "many %02d\n".formatted(i));
    }
    for (int i = 0; i < 4; i++) {
      write("few/%02d.txt".formatted(i), "few %02d\n".formatted(i));
    }
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private DocumentSource mix(String sources) {
    ExtensionRegistry registry = ExtensionRegistry.onClassPath(MixTest.class.getClassLoader());
    RecipeReader reader = new RecipeReader(registry, RecipeLibrary.empty());
    return registry.create(
        reader.choose(DocumentSource.class, "{use: mix, sources: [" + sources + "]}", folder),
        binder -> {});
  }

  private static String text(String path, double weight) {
    return "{source: {use: text, path: %s}, weight: %s}".formatted(path, weight);
  }

  @Test
  void anEpochLeavesNoDocumentOutAndStartsShortSourcesOver() {
    for (int epoch = 0; epoch < 5; epoch++) {
      List<String> texts =
          SourceContract.texts(mix(text("many", 1) + "," + text("few", 1)), epoch, 42);
      List<String> many = texts.stream().filter(t -> t.startsWith("many")).toList();
      List<String> few = texts.stream().filter(t -> t.startsWith("few")).toList();

      assertThat(many).hasSize(30).doesNotHaveDuplicates();
      assertThat(few.size()).isGreaterThan(8);
      Set<List<String>> orders = new HashSet<>();
      for (int begin = 0; begin + 4 <= few.size(); begin += 4) {
        orders.add(few.subList(begin, begin + 4));
      }
      assertThat(orders).hasSizeGreaterThan(1).allMatch(order -> Set.copyOf(order).size() == 4);
    }
  }

  @Test
  void ordersChangeWithSeedAndEpoch() {
    DocumentSource source = mix(text("many", 1) + "," + text("few", 1));
    List<String> first = SourceContract.texts(source, 0, 42);

    assertThat(SourceContract.texts(source, 1, 42)).isNotEqualTo(first);
    assertThat(SourceContract.texts(source, 0, 43)).isNotEqualTo(first);
  }

  @Test
  void documentsAreDrawnInProportionToTheWeights() {
    String passkey =
        "{source: {use: passkey, characters: {min: 260, max: 260}, documents: 3000}, weight: %s}";
    List<String> texts =
        SourceContract.texts(mix(passkey.formatted(0.75) + "," + text("few", 0.25)), 0, 42);
    long few = texts.stream().filter(text -> text.startsWith("few")).count();

    assertThat((double) few / texts.size()).isCloseTo(0.25, within(0.03));
  }

  @Test
  void thePiecesOfADocumentStayTogether() throws IOException {
    write("long/a.txt", ("x".repeat(99) + "\n").repeat(3 * TextPieces.MAX_CHARACTERS / 100));
    write("long/b.txt", ("y".repeat(99) + "\n").repeat(2 * TextPieces.MAX_CHARACTERS / 100));
    List<Document> documents =
        SourceContract.read(mix(text("few", 5) + "," + text("long", 1)), 0, 42);

    List<List<Character>> whole = new ArrayList<>();
    List<Character> pieces = new ArrayList<>();
    for (Document document : documents) {
      Document.Text text = (Document.Text) document;
      pieces.add(text.text().charAt(0));
      if (text.last()) {
        whole.add(pieces);
        pieces = new ArrayList<>();
      }
    }
    assertThat(pieces).isEmpty();
    assertThat(whole).allMatch(document -> document.stream().distinct().count() == 1);
    assertThat(whole).anyMatch(document -> document.size() > 2);
  }

  @Test
  void aSourceWithoutDocumentsIsNamed() throws IOException {
    write("empty/a.txt", "");
    assertThatThrownBy(
            () -> SourceContract.texts(mix(text("many", 1) + "," + text("empty", 1)), 0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            ("sources[1] of the mix, counted from 0, which uses text, gives no document, left out 1"
                    + " empty: %s is empty. Remove it. Leave it out, or name what has documents.")
                .formatted(folder.resolve("empty/a.txt")));
  }

  @Test
  void mistakesAreNamedByTheirPath() {
    assertThatThrownBy(() -> mix(text("many", 1) + ",{source: {use: text, pth: few}, weight: 0}"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("sources[1].source.pth: unknown option; did you mean path?")
        .hasMessageContaining("sources[1].source.path: is missing");
    assertThatThrownBy(() -> mix(text("many", 0)))
        .hasMessageContaining("sources[0]: weight is 0, must be positive");
    assertThatThrownBy(() -> mix("")).hasMessageContaining("sources is an empty list");
  }

  @Test
  void aMissingSourceFailsBeforeTheFirstDocument() {
    assertThatThrownBy(() -> mix(text("many", 1) + "," + text("nowhere", 0.001)).open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("'nowhere' matches no file");
  }

  @Test
  void skippingReadsNothingOfSourcesThatNeedNotBeRead() {
    String passkey =
        "{source: {use: passkey, characters: {min: 9000, max: 900000}, documents: %d}}";
    DocumentSource source = mix(passkey.formatted(100_000_000) + "," + passkey.formatted(2));
    try (DocumentStream stream = source.open(0, 1)) {
      stream.skip(200_000);
      Document text = stream.next().orElseThrow();
      assertThat(text.last()).isTrue();
    }
  }
}
