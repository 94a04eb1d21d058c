package org.longlora4j.core.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longlora4j.api.plugin.InvalidInputException;

/** Against distributions worked out by hand from transformers' definitions. */
class SamplingTest {
  /** Softmax: e^2, e, 1 and 1/e over their sum 11.4754: 0.6439, 0.2369, 0.0871, 0.0321. */
  private static final float[] LOGITS = {2, 1, 0, -1};

  private static void assertDistribution(
      Sampling sampling, float[] logits, int[] seen, double... expected) {
    assertThat(sampling.probabilities(logits, tokens(seen)))
        .usingComparatorWithPrecision(1e-4)
        .containsExactly(expected);
  }

  private static BitSet tokens(int... seen) {
    BitSet set = new BitSet();
    IntStream.of(seen).forEach(set::set);
    return set;
  }

  private static Sampling sampling(double temperature, int topK, double topP) {
    return new Sampling(temperature, topK, topP, 1, 0);
  }

  @Test
  void theTemperatureDividesTheLogits() {
    assertDistribution(sampling(1, 0, 1), LOGITS, new int[0], 0.6439, 0.2369, 0.0871, 0.0321);
    // e^4, e^2, 1 and e^-2 over 63.1225
    assertDistribution(sampling(0.5, 0, 1), LOGITS, new int[0], 0.8650, 0.1171, 0.0158, 0.0021);
  }

  @Test
  void theMostLikelyTokensStayAndThoseAsLikelyAsTheLastOfThem() {
    assertDistribution(sampling(1, 2, 1), LOGITS, new int[0], 0.7311, 0.2689, 0, 0);
    float[] equal = {1, 1, 0, 1};
    assertDistribution(sampling(1, 2, 1), equal, new int[0], 0.3333, 0.3333, 0, 0.3333);
    assertDistribution(sampling(1, 9, 1), LOGITS, new int[0], 0.6439, 0.2369, 0.0871, 0.0321);
  }

  @Test
  void theLeastLikelyTokensGoAsLongAsTogetherTheyHaveNoMoreThanTheRest() {
    // From below: 0.0321, 0.1192, 0.3561. Under 0.8 what has at most 0.2 goes, under 0.9 at most
    // 0.1.
    assertDistribution(sampling(1, 0, 0.8), LOGITS, new int[0], 0.7311, 0.2689, 0, 0);
    assertDistribution(sampling(1, 0, 0.9), LOGITS, new int[0], 0.6652, 0.2447, 0.0900, 0);
    assertDistribution(sampling(1, 0, 1e-9), LOGITS, new int[0], 1, 0, 0, 0);
  }

  @Test
  void whatIsThereAlreadyIsPenalizedOnEitherSideOfZero() {
    // 2 and -1 become 1 and -2: e, e, 1 and e^-2 over 6.5719.
    Sampling penalty = new Sampling(1, 0, 1, 2, 0);
    assertDistribution(penalty, LOGITS, new int[] {0, 3}, 0.4136, 0.4136, 0.1522, 0.0206);
    assertDistribution(
        new Sampling(0, 0, 1, 2.5, 0), LOGITS, new int[] {0}, 0, 1, 0, 0); // 0.8 against 1
  }

  @Test
  void eachLimitSeesWhatTheOneBeforeItLeft() {
    // Of all four, 0.7 keeps two; of the two likeliest, 0.7311 and 0.2689, it keeps one.
    assertDistribution(sampling(1, 2, 0.7), LOGITS, new int[0], 1, 0, 0, 0);
    // At temperature 1, 0.8 keeps two; at 0.5 those below have 0.1350, and go.
    assertDistribution(sampling(0.5, 0, 0.8), LOGITS, new int[0], 1, 0, 0, 0);
    // The penalty comes first: 1, 1, 0, -1, of which two are the likeliest.
    assertDistribution(new Sampling(1, 2, 1, 2, 0), LOGITS, new int[] {0}, 0.5, 0.5, 0, 0);
  }

  @Test
  void drawsFollowTheDistribution() {
    int[] counts = new int[4];
    for (int seed = 0; seed < 20000; seed++) {
      counts[new TokenChoice(new Sampling(1, 3, 1, 1, seed), new int[0]).next(LOGITS)]++;
    }
    assertThat(counts[0]).isBetween(13000, 13600); // 0.6652
    assertThat(counts[1]).isBetween(4600, 5200); // 0.2447
    assertThat(counts[3]).isZero();
  }

  @Test
  void whatWasChosenIsPenalizedFromThenOn() {
    TokenChoice choice = new TokenChoice(new Sampling(0, 0, 1, 4, 0), new int[] {2});
    assertThat(choice.next(new float[] {2, 1.9f, 4})).isEqualTo(0);
    assertThat(choice.next(new float[] {2, 1.9f, 4})).isEqualTo(1);
    assertThat(choice.next(new float[] {2, 1.9f, 4})).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 0, 1, 1, --temperature is -1.0",
    "NaN, 0, 1, 1, --temperature is NaN",
    "1, -2, 1, 1, --top-k is -2",
    "1, 0, 0, 1, --top-p is 0.0",
    "1, 0, 1.5, 1, --top-p is 1.5",
    "1, 0, 1, 0, --repetition-penalty is 0.0",
    "0, 5, 1, 1, at --temperature 0 nothing is",
  })
  void whatIsOutOfRangeIsRefused(
      double temperature, int topK, double topP, double penalty, String message) {
    assertThatThrownBy(() -> new Sampling(temperature, topK, topP, penalty, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message);
  }
}
