package org.longlora4j.core.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.longlora4j.core.Golden.SERVICES;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.FixedDocuments;
import org.longlora4j.core.Golden;
import org.longlora4j.core.TensorCensus;
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
    return new Perplexity(model, SERVICES)
        .measure(FixedDocuments.rows(text), Optional.empty(), length, maxTokens);
  }

  /** Cross entropies of a window in double precision, from all of its logits. */
  private double sum(int[] window) {
    try (DenseForward forward = new DenseForward(model, SERVICES)) {
      float[] logits =
          forward.run(new int[][] {window}, hidden -> model.logits(hidden).toFloatArray());
      double sum = 0;
      for (int i = 0; i + 1 < window.length; i++) {
        double exponentials = 0;
        for (int token = 0; token < 320; token++) {
          exponentials += Math.exp(logits[i * 320 + token]);
        }
        sum += Math.log(exponentials) - logits[i * 320 + window[i + 1]];
      }
      return sum;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 25, 48, 95, 96})
  void itIsThatOfAPlainLoopOverAllLogits(int length) {
    double sum = 0;
    int counted = 0;
    for (int start = 0; start < text.length; start += length) {
      int[] window = Arrays.copyOfRange(text, start, Math.min(text.length, start + length));
      sum += sum(window);
      counted += window.length - 1;
    }
    Perplexity.Result result = measure(length, OptionalLong.empty());
    assertThat(result.tokens()).isEqualTo(counted);
    assertThat(result.loss()).isCloseTo(sum / counted, within(1e-5));
    assertThat(result.perplexity()).isEqualTo(Math.exp(result.loss()));
    assertThat(result.length()).isEqualTo(length);
  }

  @Test
  void itStopsBeforeTheWindowThatWouldGoBeyondTheLimit() {
    assertThat(measure(32, OptionalLong.of(95)).tokens()).isEqualTo(62);
    assertThat(measure(32, OptionalLong.of(96)).tokens()).isEqualTo(93);
  }

  @Test
  void nothingToMeasureOnIsRefused() {
    assertThatThrownBy(() -> measure(32, OptionalLong.of(31)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("the data has no window of 32 tokens to measure on, only 0 tokens");
    assertThatThrownBy(() -> measure(1, OptionalLong.empty()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("--length is 1, must be at least 2");
  }

  @Test
  void aTextThatFillsNoWindowIsNotMeasuredAsIfItDid() {
    assertThatThrownBy(() -> measure(97, OptionalLong.empty()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "the data has no window of 97 tokens to measure on, only 96 tokens in shorter ones;"
                + " give more text, a shorter --length, or a larger --max-tokens");
  }

  @Test
  void nothingIsLeftBehind() {
    long before = TensorCensus.of(model.manager());
    measure(25, OptionalLong.empty());
    assertThat(TensorCensus.of(model.manager())).isEqualTo(before);
  }
}
