package org.longlora4j.plugin.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.DocumentStream.PassedOver;
import org.longlora4j.api.data.LeftOut;

/** Reads sources, and what any files of theirs must allow beside those of the kit's contract. */
final class SourceContract {
  private static final long SEED = 42;
  private static final Path OPEN_FILES = Path.of("/proc/self/fd");

  private SourceContract() {}

  /** All documents of an epoch. */
  static List<Document> read(DocumentSource source, int epoch, long seed) {
    try (DocumentStream stream = source.open(epoch, seed)) {
      return rest(stream);
    }
  }

  /** All texts of an epoch. */
  static List<String> texts(DocumentSource source, int epoch, long seed) {
    return read(source, epoch, seed).stream().map(d -> ((Document.Text) d).text()).toList();
  }

  /** What an epoch leaves out. */
  static LeftOut leftOut(DocumentSource source) {
    try (DocumentStream stream = source.open(0, SEED)) {
      rest(stream);
      return stream.leftOut();
    }
  }

  /** All documents of an epoch in words, of which each says all of one. */
  static List<String> told(DocumentSource source, int epoch, long seed) {
    return told(read(source, epoch, seed));
  }

  private static List<String> told(List<Document> documents) {
    return documents.stream().map(SourceContract::told).toList();
  }

  private static String told(Document document) {
    if (document instanceof Document.Text text) {
      return text.last() + " " + text.text();
    }
    if (document instanceof Document.Dialogue || document instanceof Document.Conversation) {
      return document.toString();
    }
    return document instanceof Document.Row row
        ? row.origin() + Arrays.toString(row.tokens())
        : document.last() + Arrays.toString(((Document.Tokens) document).tokens());
  }

  private static List<Document> rest(DocumentStream stream) {
    List<Document> documents = new ArrayList<>();
    for (Optional<Document> next = stream.next(); next.isPresent(); next = stream.next()) {
      documents.add(next.get());
    }
    assertThat(stream.next()).isEmpty();
    return documents;
  }

  /** Checks that each epoch is repeatable, and can be gone on with from any point. */
  static void assertThatSkippingIsReading(DocumentSource source) {
    for (int epoch = 0; epoch < 2; epoch++) {
      List<Document> documents = read(source, epoch, SEED);
      List<String> all = told(documents);
      assertThat(told(source, epoch, SEED)).isEqualTo(all);
      for (int skipped = 0; skipped <= all.size() + 1; skipped++) {
        try (DocumentStream stream = source.open(epoch, SEED)) {
          stream.skip(skipped);
          assertThat(told(rest(stream))).isEqualTo(from(skipped, all));
        }
      }
      for (int read = 0; read <= Math.min(3, all.size()); read++) {
        try (DocumentStream stream = source.open(epoch, SEED)) {
          stream.skip(1);
          stream.next();
          stream.skip(read);
          assertThat(told(rest(stream))).isEqualTo(from(read + 2, all));
        }
      }
      assertThatDocumentsArePassedOver(source, epoch, documents);
    }
  }

  private static List<String> from(int first, List<String> all) {
    return all.subList(Math.min(first, all.size()), all.size());
  }

  private static void assertThatDocumentsArePassedOver(
      DocumentSource source, int epoch, List<Document> all) {
    for (long most : new long[] {1, Long.MAX_VALUE}) {
      try (DocumentStream stream = source.open(epoch, SEED)) {
        int place = 0;
        while (place < all.size()) {
          PassedOver passed = stream.passOver(most);
          assertThat(passed.count()).isBetween(1L, Math.min(most, all.size() - place));
          for (int i = 1; i < passed.count(); i++) {
            assertThat(all.get(place + i - 1).last()).isFalse();
          }
          place += (int) passed.count();
          assertThat(passed.last()).isEqualTo(all.get(place - 1).last());
        }
        assertThat(stream.passOver(most).count()).isZero();
        assertThat(stream.next()).isEmpty();
      }
    }
  }

  /** Checks that a stream holds no file after it was closed, wherever it was. */
  static void assertThatClosingReleasesFiles(DocumentSource source, Path folder)
      throws IOException {
    int documents = read(source, 0, SEED).size();
    for (int read = 0; read <= documents; read++) {
      DocumentStream stream = source.open(0, SEED);
      for (int i = 0; i < read; i++) {
        stream.next();
      }
      stream.close();
      stream.close();
      assertThat(openFiles(folder)).isEmpty();
    }
  }

  /** On systems that do not tell, none. */
  private static List<Path> openFiles(Path folder) throws IOException {
    if (!Files.isDirectory(OPEN_FILES)) {
      return List.of();
    }
    List<Path> open = new ArrayList<>();
    try (Stream<Path> descriptors = Files.list(OPEN_FILES)) {
      for (Path descriptor : descriptors.toList()) {
        if (Files.isSymbolicLink(descriptor)) {
          open.add(Files.readSymbolicLink(descriptor));
        }
      }
    }
    Path real = folder.toRealPath();
    return open.stream().filter(file -> file.startsWith(real)).toList();
  }
}
