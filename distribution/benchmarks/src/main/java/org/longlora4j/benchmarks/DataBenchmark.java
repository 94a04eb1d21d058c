package org.longlora4j.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.core.data.DataPosition;
import org.longlora4j.core.data.Packing;
import org.longlora4j.core.data.Row;
import org.longlora4j.core.data.RowStream;
import org.longlora4j.core.data.Tokenizer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** From text to rows of tokens, with the pocket model's tokenizer and made-up lines of code. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx2g", "-Dai.djl.offline=true", "-DOPT_OUT_TRACKING=true"})
public class DataBenchmark {
  private static final int CHARACTERS = 100_000;
  private static final String[] FILES = {"config.json", "tokenizer.json", "tokenizer_config.json"};
  private static final String[] WORDS = {
    "return", "length", "static", "final", "value", "String", "index", "result", "private", "int"
  };

  private Path directory;
  private Tokenizer tokenizer;
  private String text;

  /** The rows that are packed of the text. */
  @State(Scope.Benchmark)
  public static class Rows {
    /** Tokens of a row. */
    @Param({"4096", "16384"})
    public int context;

    /** How documents become rows. */
    @Param({"CONCAT", "ISOLATE"})
    public Packing packing;

    private RowStream stream;

    /** Opens them. */
    @Setup
    public void open(DataBenchmark data) {
      stream =
          new RowStream(
              new SameText(data.text),
              Optional.of(data.tokenizer),
              packing,
              context,
              1,
              DataPosition.START);
    }

    /** Closes them. */
    @TearDown
    public void close() {
      stream.close();
    }
  }

  /** Unpacks the tokenizer and makes up the text. */
  @Setup
  public void prepare() throws IOException {
    directory = Files.createTempDirectory("benchmark");
    for (String file : FILES) {
      try (InputStream resource =
          Objects.requireNonNull(DataBenchmark.class.getResourceAsStream("/pocket/" + file))) {
        Files.copy(resource, directory.resolve(file));
      }
    }
    tokenizer = Tokenizer.inDirectory(directory).orElseThrow();
    Random random = new Random(1);
    StringBuilder lines = new StringBuilder();
    while (lines.length() < CHARACTERS) {
      lines
          .append(WORDS[random.nextInt(WORDS.length)])
          .append(random.nextInt(9) == 0 ? ";\n" : " ");
    }
    text = lines.toString();
  }

  /** Removes what was unpacked. */
  @TearDown
  public void end() throws IOException {
    tokenizer.close();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  /** Turns 100,000 characters into tokens. */
  @Benchmark
  public int[] tokenize() {
    return tokenizer.encode(text);
  }

  /** The next row, tokenization included. */
  @Benchmark
  public Row nextRow(Rows rows) {
    return rows.stream.next();
  }

  /** One document, again and again. */
  private record SameText(String text) implements DocumentSource {
    @Override
    public DocumentStream open(int epoch, long seed) {
      List<Document> all = List.of(new Document.Text(text, true));
      return new DocumentStream() {
        private int given;

        @Override
        public Optional<Document> next() {
          return given < all.size() ? Optional.of(all.get(given++)) : Optional.empty();
        }

        @Override
        public void close() {
          // there is nothing behind it
        }
      };
    }
  }
}
