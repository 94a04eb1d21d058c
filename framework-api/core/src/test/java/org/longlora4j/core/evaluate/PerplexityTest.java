package org.longlora4j.core.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.longlora4j.core.Golden.SERVICES;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.FixedDocuments;
import org.longlora4j.core.Golden;
import org.longlora4j.core.TensorCensus;
import org.longlora4j.core.evaluate.Perplexity.Scoring;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.DenseForward;

class PerplexityTest {
  private final int[] text = Golden.tokens("llama")[0];
  private static CausalLanguageModel model;

  @BeforeAll
  static void load() {
    model = Golden.frozen(Golden.model("llama"), Precision.FLOAT32);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private Perplexity.Result measure(int length, OptionalLong maxTokens) {
    return measure(Perplexity.Settings.disjoint(length, maxTokens), text);
  }

  private static Perplexity.Result measure(Perplexity.Settings settings, int[]... rows) {
    return new Perplexity(model, SERVICES)
        .measure(FixedDocuments.rows(rows), Optional.empty(), settings);
  }

  /** What a plain loop over all logits of one window in double precision gives. */
  private static final class PlainLoop {
    private double nats;
    private int correct;
    private int tokens;

    void add(int[] window, int firstScored) {
      float[] logits;
      try (DenseForward forward = new DenseForward(model, SERVICES)) {
        logits = forward.run(new int[][] {window}, hidden -> model.logits(hidden).toFloatArray());
      }
      for (int target = firstScored; target < window.length; target++) {
        double exponentials = 0;
        int likeliest = 0;
        int row = (target - 1) * 320;
        for (int token = 0; token < 320; token++) {
          exponentials += Math.exp(logits[row + token]);
          likeliest = logits[row + token] > logits[row + likeliest] ? token : likeliest;
        }
        nats += Math.log(exponentials) - logits[row + window[target]];
        correct += likeliest == window[target] ? 1 : 0;
        tokens++;
      }
    }

    void agreesWith(Perplexity.Result result) {
      assertThat(result.tokens()).isEqualTo(tokens);
      assertThat(result.loss()).isCloseTo(nats / tokens, within(1e-5));
      assertThat(result.perplexity()).isEqualTo(Math.exp(result.loss()));
      assertThat(result.accuracy()).isCloseTo((double) correct / tokens, within(1e-9));
      assertThat(result.bitsPerByte()).isEmpty(); // rows of tokens have no text
    }
  }

  /** The text has 96 tokens: a multiple of some lengths and steps, and not of others. */
  @ParameterizedTest
  @CsvSource({
    "2, 2", "96, 96", "25, 25", "25, 10", "48, 16", "95, 1", "64, 7", "10, 30", "33, 32", "40, 39"
  })
  void everyTokenOfEveryFullWindowIsScored(int length, int step) {
    PlainLoop expected = new PlainLoop();
    int windows = 0;
    for (int start = 0; start + length <= text.length; start += step) {
      expected.add(Arrays.copyOfRange(text, start, start + length), 1);
      windows++;
    }
    Perplexity.Result result =
        measure(new Perplexity.Settings(length, step, Scoring.ALL, OptionalLong.empty()), text);
    expected.agreesWith(result);
    assertThat(result.windows()).isEqualTo(windows);
    assertThat(result.settings().length()).isEqualTo(length);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 2", "96, 96", "25, 25", "25, 10", "48, 16", "95, 1", "64, 7", "10, 30", "33, 32", "40, 39"
  })
  void newTokensAreScoredOnceEach(int length, int step) {
    PlainLoop expected = new PlainLoop();
    Set<Integer> scored = new HashSet<>();
    for (int start = 0; start + length <= text.length; start += step) {
      int first = start + 1;
      while (scored.contains(first)) {
        first++;
      }
      expected.add(Arrays.copyOfRange(text, start, start + length), first - start);
      for (int target = first; target < start + length; target++) {
        assertThat(scored.add(target)).isTrue();
      }
    }
    expected.agreesWith(
        measure(new Perplexity.Settings(length, step, Scoring.NEW, OptionalLong.empty()), text));
  }

  @Test
  void noWindowReachesFromOneRowIntoTheNext() {
    int[] other = Golden.tokens("llama")[1];
    PlainLoop expected = new PlainLoop();
    for (int[] row : new int[][] {text, other}) {
      expected.add(Arrays.copyOfRange(row, 0, 60), 1);
      expected.add(Arrays.copyOfRange(row, 30, 90), 30);
    }
    expected.agreesWith(
        measure(new Perplexity.Settings(60, 30, Scoring.NEW, OptionalLong.empty()), text, other));
  }

  @Test
  void itStopsBeforeTheWindowThatWouldGoBeyondTheLimit() {
    assertThat(measure(32, OptionalLong.of(95)).tokens()).isEqualTo(62);
    assertThat(measure(32, OptionalLong.of(96)).tokens()).isEqualTo(93);
    assertThat(
            measure(new Perplexity.Settings(32, 8, Scoring.NEW, OptionalLong.of(47)), text)
                .tokens())
        .isEqualTo(39);
  }

  @Test
  void nothingToMeasureOnIsRefused() {
    assertThatThrownBy(() -> measure(32, OptionalLong.of(31)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "the data has no window of 32 tokens to measure on; give more text, a shorter"
                + " --length, or a larger --max-tokens");
    assertThatThrownBy(() -> measure(97, OptionalLong.empty()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("the data has no window of 97 tokens to measure on");
    assertThatThrownBy(() -> measure(1, OptionalLong.empty()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("--length is 1, must be at least 2");
    assertThatThrownBy(() -> new Perplexity.Settings(2, 0, Scoring.ALL, OptionalLong.empty()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("--window is 0, must be at least 1");
  }

  @Test
  void nothingIsLeftBehind() {
    long before = TensorCensus.of(model.manager());
    measure(25, OptionalLong.empty());
    assertThat(TensorCensus.of(model.manager())).isEqualTo(before);
  }
}
