package org.longlora4j.core.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.longlora4j.core.Golden.SERVICES;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.FixedDocuments;
import org.longlora4j.core.Golden;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.evaluate.Perplexity.Scoring;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.DenseForward;

/** A pretrained model on a text, whose tokens and bytes are known. */
class StoriesPerplexityTest {
  private static final String STORY =
      "Once upon a time, there was a little girl named Lily. She loved to play outside in the park."
          + " One day, she saw a big, red ball. “It’s mine!” she said. Her café was far away. ";
  private static final int CUT = 100; // texts come in pieces
  private static final String TEXT = STORY.repeat(40);

  private static CausalLanguageModel model;
  private static Tokenizer tokenizer;

  @BeforeAll
  static void load() {
    Optional<Path> stories =
        Stream.iterate(Path.of("").toAbsolutePath(), folder -> folder != null, Path::getParent)
            .map(folder -> folder.resolve("shared/models/stories260k"))
            .filter(Files::exists)
            .findFirst();
    assumeTrue(stories.isPresent(), "there is no shared/models/stories260k above this folder");
    model = Golden.frozen(stories.get(), Precision.FLOAT32);
    tokenizer = Tokenizer.inDirectory(stories.get()).orElseThrow();
  }

  @AfterAll
  static void close() {
    if (model != null) {
      model.close();
      tokenizer.close();
    }
  }

  /** Full logits of a window, and a plain loop over them in double precision. */
  private static double nats(int[] window, int firstScored) {
    float[] logits;
    try (DenseForward forward = new DenseForward(model, SERVICES)) {
      logits = forward.run(new int[][] {window}, hidden -> model.logits(hidden).toFloatArray());
    }
    int vocabulary = model.config().vocabularySize();
    double nats = 0;
    for (int target = firstScored; target < window.length; target++) {
      double exponentials = 0;
      for (int token = 0; token < vocabulary; token++) {
        exponentials += Math.exp(logits[(target - 1) * vocabulary + token]);
      }
      nats += Math.log(exponentials) - logits[(target - 1) * vocabulary + window[target]];
    }
    return nats;
  }

  @ParameterizedTest
  @CsvSource({"64, 64", "64, 48", "512, 300", "2000, 700"})
  void bothScoringsAreThoseOfAPlainLoop(int length, int step) {
    int[] text =
        Stream.of(
                tokenizer.encode(TEXT.substring(0, CUT)),
                tokenizer.encode(TEXT.substring(CUT)),
                new int[] {tokenizer.endToken()})
            .flatMapToInt(IntStream::of)
            .toArray();
    assertThat(text.length).isGreaterThan(2000);
    for (Scoring scoring : Scoring.values()) {
      double nats = 0;
      long tokens = 0;
      for (int start = 0; start + length <= text.length; start += step) {
        int seen = scoring == Scoring.NEW && start > 0 ? Math.max(1, length - step) : 1;
        nats += nats(Arrays.copyOfRange(text, start, start + length), seen);
        tokens += length - seen;
      }
      Perplexity.Result result = measure(TEXT, length, step, scoring);
      assertThat(result.tokens()).isEqualTo(tokens);
      assertThat(result.loss()).isCloseTo(nats / tokens, within(1e-5));
      assertThat(result.perplexity()).isCloseTo(Math.exp(nats / tokens), within(1e-3));
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "5"})
  void bitsPerByteAreOverTheBytesOfTheScoredTokens(int stories) {
    String text = STORY.repeat(stories);
    int tokens =
        tokenizer.encode(text.substring(0, CUT)).length
            + tokenizer.encode(text.substring(CUT)).length;
    int firstBytes = tokenizer.encodeMeasured(text.substring(0, CUT)).bytes()[0];
    Perplexity.Result result = measure(text, tokens + 1, 1, Scoring.NEW);
    int bytes = text.getBytes(StandardCharsets.UTF_8).length - firstBytes;
    assertThat(firstBytes).isBetween(0, 12);
    assertThat(result.bitsPerByte().orElseThrow())
        .isCloseTo(result.loss() * tokens / Math.log(2) / bytes, within(1e-9));
  }

  private static Perplexity.Result measure(String text, int length, int step, Scoring scoring) {
    return new Perplexity(model, SERVICES)
        .measure(
            new FixedDocuments(
                List.of(
                    new Document.Text(text.substring(0, CUT), false),
                    new Document.Text(text.substring(CUT), true))),
            Optional.of(tokenizer),
            new Perplexity.Settings(length, step, scoring, OptionalLong.empty()));
  }
}
