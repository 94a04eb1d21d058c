package org.longlora4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.longlora4j.core.Golden.SERVICES;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.position.DynamicNtkScaling;
import org.longlora4j.api.position.LinearScaling;
import org.longlora4j.api.position.Llama3Scaling;
import org.longlora4j.api.position.LongRopeScaling;
import org.longlora4j.api.position.RotaryScaling;
import org.longlora4j.api.position.UnscaledRotary;
import org.longlora4j.api.position.YarnScaling;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.Golden;
import org.longlora4j.core.TensorCensus;
import org.longlora4j.core.tensor.Autograd;

class CachedSequenceTest {
  private static CausalLanguageModel model(RotaryScaling scaling) {
    try (Checkpoint checkpoint = Checkpoint.open(Golden.model("llama"))) {
      Composition plain = Composition.asItStands(checkpoint.config(), Precision.FLOAT32);
      return new ModelLoader(SERVICES)
          .load(
              checkpoint,
              new Composition(
                  plain.plan(),
                  plain.quantizer(),
                  plain.rotary().withScaling(scaling),
                  plain.precision(),
                  plain.saved(),
                  0,
                  false));
    }
  }

  private static CausalLanguageModel model() {
    return model(new UnscaledRotary());
  }

  private static int[] tokens(int count) {
    return new Random(7).ints(count, 0, 320).toArray();
  }

  /** The scores behind the last token, from a pass over all of them. */
  private static float[] withoutCache(CausalLanguageModel model, int[] tokens) {
    try (DenseForward forward = new DenseForward(model, SERVICES)) {
      return forward.run(
          new int[][] {tokens},
          hidden ->
              model
                  .logits(model.positions(hidden.getManager(), hidden, tokens.length - 1L, 1))
                  .toFloatArray());
    }
  }

  private static void assertNear(float[] actual, float[] expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat((double) actual[i]).isCloseTo(expected[i], within(tolerance));
    }
  }

  /** The original length is 128 tokens; of dim 16 there are 8 pairs. */
  static List<RotaryScaling> scalings() {
    return List.of(
        new UnscaledRotary(),
        new LinearScaling(4),
        new DynamicNtkScaling(4),
        new YarnScaling(4, 32, 1, Optional.empty(), Optional.empty(), true),
        new Llama3Scaling(4, 1, 4, 128),
        new LongRopeScaling(
            List.of(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
            List.of(1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.0),
            Optional.of(4.0),
            Optional.empty(),
            Optional.of(128)));
  }

  @ParameterizedTest
  @MethodSource("scalings")
  void everyLengthGivesWhatAPassWithoutACacheGives(RotaryScaling scaling) {
    int[] all = tokens(300);
    try (CausalLanguageModel model = model(scaling);
        CachedSequence sequence = CachedSequence.dense(model, SERVICES)) {
      assertThat(model.rotary().originalLength()).isLessThan(300);
      int at = 0;
      for (int end : new int[] {1, 2, 30, 120, 127, 128, 129, 130, 131, 200, 299, 300}) {
        float[] scores = sequence.scoresAfter(Arrays.copyOfRange(all, at, end));
        assertNear(scores, withoutCache(model, Arrays.copyOf(all, end)), 2e-5);
        at = end;
      }
    }
  }

  @ParameterizedTest
  @MethodSource("scalings")
  void whatTwoSequencesBeginWithIsNotRunTwice(RotaryScaling scaling) {
    int[] first = tokens(200);
    int[] second = first.clone();
    second[150] = (second[150] + 1) % 320;
    int[] shorter = Arrays.copyOf(first, 90);
    try (CausalLanguageModel model = model(scaling);
        CachedSequence sequence = CachedSequence.dense(model, SERVICES)) {
      for (int[] wanted : List.of(first, second, second, shorter, first)) {
        assertNear(sequence.become(wanted), withoutCache(model, wanted), 2e-5);
        assertThat(sequence.length()).isEqualTo(wanted.length);
      }
    }
  }

  @Test
  void aLongSequenceComesInChunksThatSeeAllBeforeThem() {
    int[] all = tokens(2600);
    try (CausalLanguageModel model = model();
        CachedSequence sequence = CachedSequence.dense(model, SERVICES);
        DenseForward forward = new DenseForward(model, SERVICES)) {
      float[] whole = forward.run(new int[][] {all}, hidden -> hidden.toFloatArray());
      int width = whole.length / all.length;
      int[] chunks = {0};
      sequence.append(
          all,
          (first, hidden) -> {
            float[] chunk = hidden.toFloatArray();
            assertThat(chunk.length / width).isLessThanOrEqualTo(1024);
            assertNear(
                chunk,
                Arrays.copyOfRange(whole, first * width, first * width + chunk.length),
                1e-4);
            chunks[0]++;
          });
      assertThat(chunks[0]).isGreaterThan(2);
    }
  }

  @Test
  void memoryGrowsWithTheSequence() {
    try (CausalLanguageModel model = model()) {
      long before = model.bytes();
      long tensors = TensorCensus.of(model.manager());
      try (CachedSequence sequence = CachedSequence.dense(model, SERVICES)) {
        sequence.scoresAfter(tokens(1));
        assertThat(model.bytes() - before).isLessThan(1 << 19);
      }
      assertThat(model.bytes()).isEqualTo(before);
      assertThat(TensorCensus.of(model.manager())).isEqualTo(tensors);
    }
  }

  /** Sinks, window, how many tokens come at once. */
  static Stream<int[]> windows() {
    return Stream.of(
        new int[] {4, 16, 1},
        new int[] {4, 16, 7},
        new int[] {4, 16, 150},
        new int[] {0, 10, 3},
        new int[] {1, 1, 2},
        new int[] {6, 5, 40},
        new int[] {4, 400, 31},
        new int[] {200, 8, 60});
  }

  @ParameterizedTest
  @MethodSource("windows")
  void aRollingWindowGivesWhatAPlainLoopGives(int[] window) {
    int[] all = tokens(150);
    SinkWindow kept = new SinkWindow(window[0], window[1]);
    try (CausalLanguageModel model = model();
        CachedSequence sequence = CachedSequence.rolling(model, SERVICES, kept);
        NDManager scope = model.manager().newSubManager()) {
      float[] expected =
          Autograd.silent(
              () ->
                  model
                      .hidden(model.tokens(scope, new int[][] {all}), new PlainWindow(model, kept))
                      .toFloatArray());
      int width = expected.length / all.length;
      for (int at = 0; at < all.length; at += window[2]) {
        int end = Math.min(all.length, at + window[2]);
        sequence.append(
            Arrays.copyOfRange(all, at, end),
            (first, hidden) -> {
              float[] chunk = hidden.toFloatArray();
              int begin = first * width;
              assertNear(chunk, Arrays.copyOfRange(expected, begin, begin + chunk.length), 2e-5);
            });
      }
    }
  }

  @Test
  void rowsOfAWindowAreMovedWhenTheMemoryIsFull() {
    int[] all = tokens(700);
    SinkWindow kept = new SinkWindow(3, 20);
    try (CausalLanguageModel model = model();
        CachedSequence one = CachedSequence.rolling(model, SERVICES, kept);
        CachedSequence some = CachedSequence.rolling(model, SERVICES, kept)) {
      float[] scores = {};
      for (int token : all) {
        scores = one.scoresAfter(new int[] {token});
      }
      assertNear(some.scoresAfter(all), scores, 2e-5);
      // The same again in the memory that is there.
      assertNear(some.become(tokens(640)), one.become(tokens(640)), 2e-5);
    }
  }

  @Test
  void aWindowThatHoldsAllIsDense() {
    int[] all = tokens(100);
    try (CausalLanguageModel model = model();
        CachedSequence rolling = CachedSequence.rolling(model, SERVICES, new SinkWindow(4, 96))) {
      assertNear(rolling.scoresAfter(all), withoutCache(model, all), 2e-5);
    }
  }

  @Test
  void windowsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new SinkWindow(-1, 8))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("--sinks is -1, must be at least 0");
    assertThatThrownBy(() -> new SinkWindow(4, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("--window is 0, must be at least 1");
  }

  /** Every query by itself, in double precision, at positions within what it sees. */
  private static final class PlainWindow implements LayerAttention {
    private final CausalLanguageModel model;
    private final SinkWindow kept;

    PlainWindow(CausalLanguageModel model, SinkWindow kept) {
      this.model = model;
      this.kept = kept;
    }

    @Override
    public NDArray attend(int layer, NDArray query, NDArray key, NDArray value) {
      int length = (int) query.getShape().get(1);
      int dim = model.config().headDim();
      int heads = model.config().heads();
      int groups = heads / model.config().keyValueHeads();
      float[] queries = query.toFloatArray();
      float[] keys = key.toFloatArray();
      float[] values = value.toFloatArray();
      float[] out = new float[queries.length];
      for (int t = 0; t < length; t++) {
        int[] seen = seen(t);
        for (int head = 0; head < heads; head++) {
          int shared = head / groups;
          double[] q = turned(queries, (t * heads + head) * dim, dim, seen.length - 1);
          double[] scores = new double[seen.length];
          double sum = 0;
          for (int i = 0; i < seen.length; i++) {
            double[] k = turned(keys, (seen[i] * heads / groups + shared) * dim, dim, i);
            for (int d = 0; d < dim; d++) {
              scores[i] += q[d] * k[d];
            }
            scores[i] = Math.exp(scores[i] / Math.sqrt(dim));
            sum += scores[i];
          }
          for (int d = 0; d < dim; d++) {
            double mixed = 0;
            for (int i = 0; i < seen.length; i++) {
              mixed += scores[i] / sum * values[(seen[i] * heads / groups + shared) * dim + d];
            }
            out[(t * heads + head) * dim + d] = (float) mixed;
          }
        }
      }
      return query.getManager().create(out, query.getShape());
    }

    private int[] seen(int t) {
      return IntStream.rangeClosed(0, t)
          .filter(j -> j < kept.sinks() || j > t - kept.window())
          .toArray();
    }

    private double[] turned(float[] x, int begin, int dim, int position) {
      float[] inverse = model.rotary().frequencies(kept.size()).inverse();
      double[] turned = new double[dim];
      for (int i = 0; i < dim / 2; i++) {
        double angle = position * (double) inverse[i];
        double a = x[begin + i];
        double b = x[begin + i + dim / 2];
        turned[i] = a * Math.cos(angle) - b * Math.sin(angle);
        turned[i + dim / 2] = b * Math.cos(angle) + a * Math.sin(angle);
      }
      return turned;
    }
  }
}
