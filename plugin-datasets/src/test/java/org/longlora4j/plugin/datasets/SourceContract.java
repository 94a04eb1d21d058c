package org.longlora4j.plugin.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.core.data.DataPosition;
import org.longlora4j.core.data.RowStream;
import org.longlora4j.core.data.Tokenizer;

/** What every source of texts promises. */
final class SourceContract {
  private static final long SEED = 42;

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

  private static List<Document> rest(DocumentStream stream) {
    List<Document> documents = new ArrayList<>();
    for (Optional<Document> next = stream.next(); next.isPresent(); next = stream.next()) {
      documents.add(next.get());
    }
    assertThat(stream.next()).isEmpty();
    return documents;
  }

  /**
   * Checks that reading is repeatable, that skipping is reading, and that a run resumed at any row
   * goes on as it would have.
   *
   * @param folder for a tokenizer
   */
  static void assertHolds(DocumentSource source, Path folder) throws IOException {
    for (int epoch = 0; epoch < 2; epoch++) {
      List<Document> all = read(source, epoch, SEED);
      assertThat(read(source, epoch, SEED)).isEqualTo(all);
      for (int skipped = 0; skipped <= all.size() + 1; skipped++) {
        try (DocumentStream stream = source.open(epoch, SEED)) {
          stream.skip(skipped);
          assertThat(rest(stream))
              .isEqualTo(all.subList(Math.min(skipped, all.size()), all.size()));
        }
      }
      for (int read = 0; read <= Math.min(3, all.size()); read++) {
        try (DocumentStream stream = source.open(epoch, SEED)) {
          stream.skip(1);
          stream.next();
          stream.skip(read);
          assertThat(rest(stream))
              .isEqualTo(all.subList(Math.min(read + 2, all.size()), all.size()));
        }
      }
    }
    try (Tokenizer tokenizer = tokenizer(folder)) {
      assertThatRunsResume(source, tokenizer);
    }
  }

  private static void assertThatRunsResume(DocumentSource source, Tokenizer tokenizer) {
    long characters = texts(source, 0, SEED).stream().mapToLong(String::length).sum();
    int context = (int) (characters / 15 + 1);
    int rows = 40; // beyond the second epoch
    List<int[]> all = new ArrayList<>();
    List<DataPosition> positions = new ArrayList<>();
    try (RowStream stream =
        new RowStream(source, Optional.of(tokenizer), context, SEED, DataPosition.START)) {
      for (int row = 0; row < rows; row++) {
        positions.add(stream.position());
        all.add(stream.next());
      }
    }
    assertThat(positions.get(rows - 1).epoch()).isPositive();
    for (int from = 0; from < rows; from++) {
      try (RowStream resumed =
          new RowStream(source, Optional.of(tokenizer), context, SEED, positions.get(from))) {
        for (int row = from; row < Math.min(rows, from + 3); row++) {
          assertThat(resumed.next()).isEqualTo(all.get(row));
        }
      }
    }
  }

  private static Tokenizer tokenizer(Path folder) throws IOException {
    Path model = Files.createDirectories(folder.resolve("model"));
    try (InputStream json = SourceContract.class.getResourceAsStream("tokenizer.json")) {
      Files.write(model.resolve("tokenizer.json"), json.readAllBytes());
    }
    Files.writeString(model.resolve("config.json"), "{\"eos_token_id\": 1, \"vocab_size\": 263}");
    return Tokenizer.inDirectory(model).orElseThrow();
  }
}
