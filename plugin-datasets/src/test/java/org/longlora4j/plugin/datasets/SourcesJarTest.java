package org.longlora4j.plugin.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.TextPieces;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.RecipeLibrary;
import org.longlora4j.core.recipe.RecipeReader;
import org.longlora4j.core.recipe.RecipeSchema;

class SourcesJarTest {
  private static final byte[] LATIN_1 = "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1);
  private static final List<String> JAVA = List.of("**/*.java");

  @TempDir private Path folder;

  private SourcesJar source(
      List<String> include, boolean shuffle, boolean strict, String... paths) {
    List<FilePattern> patterns =
        Stream.of(paths).map(path -> new FilePattern(folder, path)).toList();
    return new SourcesJar(new SourcesJar.Options(patterns, include, shuffle, strict));
  }

  private SourcesJar inOrder(String... paths) {
    return source(JAVA, false, true, paths);
  }

  /** Writes a jar of files whose text is their name. */
  private void writeNames(String jar, String... names) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    for (String name : names) {
      files.put(name, name.getBytes(StandardCharsets.UTF_8));
    }
    write(jar, files);
  }

  private Path write(String jar, Map<String, byte[]> files) throws IOException {
    Path file = folder.resolve(jar);
    Files.createDirectories(file.getParent());
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      List<String> names = new ArrayList<>(files.keySet());
      Collections.reverse(names);
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(files.get(name));
      }
    }
    return file;
  }

  @Test
  void everyMatchingFileIsADocumentInTheOrderOfPaths() throws IOException {
    writeNames("lib/b-sources.jar", "b/Z.java", "b/a/A.java", "B.java", "META-INF/MANIFEST.MF");
    writeNames("lib/a-sources.jar", "a/A.java", "notes.txt", ".hidden/A.java");
    writeNames("lib/a.jar", "a/A.class");

    assertThat(SourceContract.read(inOrder("lib/*-sources.jar"), 0, 0))
        .containsExactly(
            new Document.Text("a/A.java", true),
            new Document.Text("B.java", true),
            new Document.Text("b/Z.java", true),
            new Document.Text("b/a/A.java", true));
    assertThat(
            SourceContract.texts(
                source(List.of("*.txt", "b/*"), false, true, "lib/*-sources.jar"), 0, 0))
        .containsExactly("notes.txt", "b/Z.java");
  }

  @Test
  void longFilesComeInPiecesAndAreSkippedByThePiece() throws IOException {
    byte[] longText = ("x".repeat(99) + "\n").repeat(25_000).getBytes(StandardCharsets.UTF_8);
    byte[] broken = longText.clone();
    broken[broken.length - 2] = (byte) 0xff;
    write(
        "long.jar",
        Map.of(
            "A.java", longText,
            "B.java", broken,
            "C.java", "c".getBytes(StandardCharsets.UTF_8)));
    SourcesJar source = source(JAVA, false, false, "long.jar");

    List<Document> documents = SourceContract.read(source, 0, 0);
    assertThat(documents)
        .extracting(document -> ((Document.Text) document).last())
        .containsExactly(false, false, true, true);
    assertThat(String.join("", SourceContract.texts(source, 0, 0)))
        .isEqualTo(new String(longText, StandardCharsets.UTF_8) + "c");
    assertThat(longText.length).isGreaterThan(2 * TextPieces.MAX_CHARACTERS);
    for (int skipped = 0; skipped <= 5; skipped++) {
      try (var stream = source.open(0, 0)) {
        stream.skip(skipped);
        assertThat(stream.next()).isEqualTo(documents.stream().skip(skipped).findFirst());
      }
    }
  }

  @Test
  void theOrderOfAllFilesChangesWithSeedAndEpoch() throws IOException {
    writeNames("a.jar", names("a", 20));
    writeNames("b.jar", names("b", 20));
    SourcesJar source = source(JAVA, true, true, "*.jar");
    List<String> first = SourceContract.texts(source, 0, 42);

    assertThat(first).hasSize(40).doesNotHaveDuplicates();
    assertThat(first.subList(0, 20))
        .anyMatch(t -> t.startsWith("a"))
        .anyMatch(t -> t.startsWith("b"));
    assertThat(SourceContract.texts(source, 1, 42)).isNotEqualTo(first).hasSameElementsAs(first);
    assertThat(SourceContract.texts(source, 0, 43)).isNotEqualTo(first).hasSameElementsAs(first);
  }

  @Test
  void moreArchivesThanStayOpenAreReadInAnyOrder() throws IOException {
    for (int i = 0; i < 100; i++) {
      writeNames("jars/%03d.jar".formatted(i), names("p%03d".formatted(i), 3));
    }
    assertThat(SourceContract.texts(source(JAVA, true, true, "jars"), 0, 42))
        .hasSize(300)
        .doesNotHaveDuplicates();
  }

  private static String[] names(String folder, int count) {
    return Stream.iterate(0, i -> i + 1)
        .limit(count)
        .map(i -> "%s/C%02d.java".formatted(folder, i))
        .toArray(String[]::new);
  }

  @Test
  void aFileThatIsNotTextIsLeftOutOrAnError() throws IOException {
    Path jar =
        write(
            "mixed.jar",
            Map.of("Good.java", "good".getBytes(StandardCharsets.UTF_8), "Bad.java", LATIN_1));

    assertThat(SourceContract.texts(source(JAVA, false, false, "mixed.jar"), 0, 0))
        .containsExactly("good");
    assertThatThrownBy(() -> SourceContract.texts(inOrder("mixed.jar"), 0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(jar + "!/Bad.java is not UTF-8 text: at byte 3, counted from 0,");
  }

  @Test
  void whatIsNoArchiveOrHasNothingToTakeIsNamed() throws IOException {
    Files.writeString(folder.resolve("text.jar"), "text");
    Files.writeString(folder.resolve("text.txt"), "text");
    writeNames("a.jar", "A.class");
    for (String none : List.of("text.jar", "text.txt")) {
      assertThatThrownBy(() -> inOrder(none).open(0, 0))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining(folder.resolve(none) + " is no jar or zip file");
    }
    assertThatThrownBy(() -> inOrder("a.jar").open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("no file in " + folder.resolve("a.jar") + " matches include [**/*.java]");
    assertThatThrownBy(() -> source(List.of("{a"), false, true, "a.jar").open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("'{a' is no pattern of files");
    assertThatThrownBy(() -> inOrder("none.jar").open(0, 0))
        .hasMessageContaining("'none.jar' matches no file");
  }

  @Test
  void aRecipeChoosesItWithItsDefaults() throws IOException {
    writeNames("a-sources.jar", "a/A.java", "A.kt");
    ExtensionRegistry registry =
        ExtensionRegistry.onClassPath(SourcesJarTest.class.getClassLoader());
    DocumentSource source =
        registry.create(
            new RecipeReader(registry, RecipeLibrary.empty())
                .choose(DocumentSource.class, "{use: sources-jar, path: a-sources.jar}", folder),
            binder -> {});

    assertThat(SourceContract.texts(source, 0, 0)).containsExactly("a/A.java");
    assertThat(new RecipeSchema(registry).generate().toString()).contains("**/*.java");
  }
}
