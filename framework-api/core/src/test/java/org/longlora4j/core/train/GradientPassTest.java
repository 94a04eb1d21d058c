package org.longlora4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.longlora4j.core.Golden.SERVICES;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.Golden;
import org.longlora4j.core.TensorCensus;
import org.longlora4j.core.data.Row;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.DenseForward;
import org.longlora4j.core.model.Kept;
import org.longlora4j.core.model.RotaryCache;
import org.longlora4j.core.tensor.Autograd;

class GradientPassTest {
  private static int[][] tokens;

  @BeforeAll
  static void start() {
    tokens = Golden.tokens("llama");
  }

  private static CausalLanguageModel full(Precision precision) {
    return Golden.full(Golden.model("llama"), precision);
  }

  private static double run(CausalLanguageModel model, Kept kept, MicroBatch batch, long counted) {
    try (RotaryCache rotary = new RotaryCache(model.rotary(), model.manager())) {
      return new GradientPass(model, kept, layer -> {})
          .run(batch, Golden.dense(model, rotary, batch.length(), batch.documents()), counted);
    }
  }

  private static void assertClose(
      Map<String, float[]> actual, Map<String, float[]> expected, double tolerance) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    actual.forEach(
        (name, values) ->
            assertThat(relative(values, expected.get(name))).as(name).isLessThan(tolerance));
  }

  private static double relative(float[] actual, float[] expected) {
    double difference = 0;
    double magnitude = 0;
    for (int i = 0; i < actual.length; i++) {
      difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
      magnitude = Math.max(magnitude, Math.abs(expected[i]));
    }
    return difference / magnitude;
  }

  private static MicroBatch padded(int length, int[]... rows) {
    int[][] filled = new int[rows.length][];
    int[][] labels = new int[rows.length][length];
    for (int i = 0; i < rows.length; i++) {
      filled[i] = Arrays.copyOf(rows[i], length);
      Arrays.fill(labels[i], MicroBatch.IGNORED);
      System.arraycopy(rows[i], 1, labels[i], 0, rows[i].length - 1);
    }
    int[][] documents =
        Arrays.stream(rows).map(row -> new int[] {row.length}).toArray(int[][]::new);
    return new MicroBatch(filled, labels, documents);
  }

  @ParameterizedTest
  @EnumSource
  void aPaddedRowCountsLikeTheRowAlone(Kept kept) {
    int[] whole = tokens[0];
    int[] part = Arrays.copyOf(tokens[1], 40);
    MicroBatch batch = padded(whole.length, whole, part);
    try (CausalLanguageModel model = full(Precision.FLOAT32)) {
      double together = run(model, kept, batch, batch.counted());
      Map<String, float[]> gradients = model.trained().takeGradients();
      double alone =
          run(model, kept, MicroBatch.ofRows(new int[][] {whole}), batch.counted())
              + run(model, kept, MicroBatch.ofRows(new int[][] {part}), batch.counted());
      assertThat(together).isCloseTo(alone, within(1e-6));
      assertClose(gradients, model.trained().takeGradients(), 1e-5);
    }
  }

  /** The reference runs every document alone and takes the softmax of its answers' logits only. */
  @ParameterizedTest
  @EnumSource
  void theLossOfDialoguesIsThatOfTheirAnswersAlone(Kept kept) {
    int[] row = tokens[0].clone();
    boolean[] learned = new boolean[row.length];
    Arrays.fill(learned, 10, 20, true); // within the first document
    Arrays.fill(learned, 30, 50, true); // its end, and the beginning of the second
    int[] documents = {40, 31};
    MicroBatch batch = MicroBatch.of(List.of(new Row(row, learned, documents)));
    try (CausalLanguageModel model = full(Precision.FLOAT32)) {
      double loss = run(model, kept, batch, batch.counted());
      Map<String, float[]> gradients = model.trained().takeGradients();
      double expected =
          answerLoss(model, Arrays.copyOfRange(row, 0, 40), Arrays.copyOfRange(learned, 0, 40))
              + answerLoss(
                  model, Arrays.copyOfRange(row, 40, 71), Arrays.copyOfRange(learned, 40, 71));
      assertThat(batch.counted()).isEqualTo(10 + 10 + 9);
      assertThat(loss).isCloseTo(expected / batch.counted(), within(1e-5));

      // What stands in padding, which is no prompt of anything, changes nothing either.
      for (int i = 71; i < row.length; i++) {
        row[i] = 7;
      }
      run(model, kept, MicroBatch.of(List.of(new Row(row, learned, documents))), 29);
      model
          .trained()
          .takeGradients()
          .forEach((name, g) -> assertThat(g).as(name).isEqualTo(gradients.get(name)));
    }
  }

  /** The sum of cross entropies at the learned tokens of one document. */
  private static double answerLoss(CausalLanguageModel model, int[] document, boolean[] learned) {
    try (DenseForward forward = new DenseForward(model, SERVICES)) {
      return forward.run(
          new int[][] {document},
          hidden -> {
            float[] logits = model.logits(hidden).toFloatArray();
            int width = logits.length / document.length;
            double sum = 0;
            for (int i = 1; i < document.length; i++) {
              if (learned[i]) {
                int begin = (i - 1) * width;
                double exponentials = 0;
                for (int token = 0; token < width; token++) {
                  exponentials += Math.exp(logits[begin + token]);
                }
                sum += Math.log(exponentials) - logits[begin + document[i]];
              }
            }
            return sum;
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void accumulatedMicroBatchesEqualOneLargeBatch(Kept kept) {
    MicroBatch batch = MicroBatch.ofRows(tokens);
    try (CausalLanguageModel model = full(Precision.FLOAT32)) {
      double large = run(model, kept, batch, batch.counted());
      Map<String, float[]> gradients = model.trained().takeGradients();
      double sum = 0;
      for (int[] row : tokens) {
        sum += run(model, kept, MicroBatch.ofRows(new int[][] {row}), batch.counted());
      }
      assertThat(sum).isCloseTo(large, within(1e-6));
      assertClose(model.trained().takeGradients(), gradients, 1e-5);
    }
  }

  static Stream<Arguments> somethingTrains() {
    return Stream.of(Precision.values())
        .flatMap(
            precision ->
                Stream.of(
                        Set.of(
                            "model.layers.1.self_attn.k_proj",
                            "model.layers.2.input_layernorm",
                            "model.layers.2.mlp.down_proj",
                            "model.norm"),
                        Set.of("model.layers.1.mlp.up_proj"),
                        Set.of("model.layers.1.mlp.down_proj", "model.layers.2.mlp.gate_proj"))
                    .map(trained -> Arguments.of(precision, trained)));
  }

  @ParameterizedTest
  @MethodSource("somethingTrains")
  void recomputationChangesNoBitWhenSomeLayersTrain(Precision precision, Set<String> trained) {
    MicroBatch batch = MicroBatch.ofRows(tokens);
    try (CausalLanguageModel model = Golden.partial(Golden.model("llama"), precision, trained)) {
      double loss = run(model, Kept.ACTIVATIONS, batch, batch.counted());
      Map<String, float[]> gradients = model.trained().takeGradients();
      for (Kept less : List.of(Kept.ALL_BUT_MLP, Kept.ATTENTION, Kept.INPUT)) {
        assertThat(run(model, less, batch, batch.counted())).as(less.name()).isEqualTo(loss);
        Map<String, float[]> recomputed = model.trained().takeGradients();
        assertThat(recomputed).hasSameSizeAs(trained);
        recomputed.forEach(
            (name, gradient) -> assertThat(gradient).as(name).isEqualTo(gradients.get(name)));
      }
    }
  }

  /** More positions than go through an MLP at once: a piece ends in the middle of a row. */
  private static MicroBatch ofTwoPieces(CausalLanguageModel model) {
    int[][] rows = new int[3][2200];
    for (int[] row : rows) {
      Arrays.setAll(row, i -> (i * 7 + i / 50) % model.config().vocabularySize());
    }
    return MicroBatch.ofRows(rows);
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "gpt-neox"})
  void anMlpInPiecesHasTheGradientsOfTheWhole(String name) {
    try (CausalLanguageModel model = Golden.full(Golden.model(name), Precision.FLOAT32)) {
      MicroBatch batch = ofTwoPieces(model);
      double whole = run(model, Kept.ACTIVATIONS, batch, batch.counted());
      Map<String, float[]> gradients = model.trained().takeGradients();
      double inPieces = run(model, Kept.ALL_BUT_MLP, batch, batch.counted());
      Map<String, float[]> again = model.trained().takeGradients();
      assertThat(inPieces).isCloseTo(whole, within(1e-6));
      assertClose(again, gradients, 1e-5);
      assertThat(run(model, Kept.INPUT, batch, batch.counted())).isEqualTo(inPieces);
      model
          .trained()
          .takeGradients()
          .forEach((n, g) -> assertThat(g).as(n).isEqualTo(again.get(n)));
    }
  }

  /** Of a piece nothing but the gradients of its inputs is left when the next one runs again. */
  @ParameterizedTest
  @CsvSource({"llama, 1", "gpt-neox, 2"})
  void noMoreThanOnePieceOfAnMlpIsThere(String name, int inputs) {
    try (CausalLanguageModel model = Golden.full(Golden.model(name), Precision.FLOAT32);
        RotaryCache rotary = new RotaryCache(model.rotary(), model.manager())) {
      MicroBatch batch = ofTwoPieces(model);
      List<Long> alive = new ArrayList<>();
      StepWatch watch =
          stage -> {
            if (stage == StepWatch.Stage.RECOMPUTATION) {
              alive.add(TensorCensus.of(model.manager()));
            }
          };
      new GradientPass(model, Kept.ALL_BUT_MLP, layer -> {}, watch)
          .run(
              batch,
              Golden.dense(model, rotary, batch.length(), batch.documents()),
              batch.counted());
      assertThat(alive).hasSize(2 * model.layers());
      for (int i = 0; i < alive.size(); i += 2) {
        assertThat(alive.get(i + 1) - alive.get(i)).isEqualTo(inputs);
      }
    }
  }

  /** A parameter's gradient is a sum over all positions: roundings of 2^-9 partly cancel. */
  @Test
  void gradientsInBfloat16AreNearThoseInFloat32() {
    MicroBatch batch = MicroBatch.ofRows(tokens);
    try (CausalLanguageModel wide = full(Precision.FLOAT32);
        CausalLanguageModel narrow = full(Precision.BFLOAT16)) {
      double expected = run(wide, Kept.INPUT, batch, batch.counted());
      assertThat(run(narrow, Kept.INPUT, batch, batch.counted())).isCloseTo(expected, within(0.02));
      assertClose(narrow.trained().takeGradients(), wide.trained().takeGradients(), 0.1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aModelOfWhichNothingTrainsGivesItsLoss(Kept kept) {
    MicroBatch batch = MicroBatch.ofRows(tokens);
    try (CausalLanguageModel model = full(Precision.FLOAT32);
        CausalLanguageModel frozen = Golden.frozen(Golden.model("llama"), Precision.FLOAT32)) {
      assertThat(run(frozen, kept, batch, batch.counted()))
          .isEqualTo(run(model, kept, batch, batch.counted()));
      assertThat(frozen.trained().all()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 96, 191})
  void smallChunksOfTheLossEqualOneLargeChunk(int positions) {
    int[][] labels = MicroBatch.ofRows(tokens).labels();
    try (CausalLanguageModel model = full(Precision.FLOAT32);
        DenseForward forward = new DenseForward(model, SERVICES)) {
      List<Double> sums = new ArrayList<>();
      List<float[]> byHidden = new ArrayList<>();
      List<Map<String, float[]>> byParameter = new ArrayList<>();
      for (int size : new int[] {192, positions}) {
        ChunkedLoss loss = new ChunkedLoss(model, size);
        forward.run(
            tokens,
            hidden -> {
              ChunkedLoss.Result result = loss.withGradient(hidden, labels, 0.5);
              assertThat(loss.sum(hidden, labels) / 2).isCloseTo(result.value(), within(1e-3));
              assertThat(result.gradient().getShape()).isEqualTo(hidden.getShape());
              sums.add(result.value());
              byHidden.add(result.gradient().toFloatArray());
              return null;
            });
        Map<String, float[]> gradients = model.trained().takeGradients();
        gradients.keySet().retainAll(Set.of("model.norm.weight", "lm_head.weight"));
        byParameter.add(gradients);
      }
      assertThat(sums.get(1)).isCloseTo(sums.get(0), within(1e-3));
      assertThat(relative(byHidden.get(1), byHidden.get(0))).isLessThan(1e-5);
      assertClose(byParameter.get(1), byParameter.get(0), 1e-5);
    }
  }

  /** Logits go through softmax some rows at a time, of this vocabulary less than 4000. */
  @Test
  void moreLogitsThanTheCacheHoldsAreCountedLikeFew() {
    int positions = 4000;
    int[][] labels = {new int[positions]};
    try (CausalLanguageModel model = full(Precision.FLOAT32)) {
      int vocabulary = model.config().vocabularySize();
      assertThat(vocabulary * positions).isGreaterThan(1 << 20);
      Arrays.setAll(labels[0], i -> i % 5 == 0 ? MicroBatch.IGNORED : i % vocabulary);
      NDManager scope = model.manager().newSubManager();
      NDArray hidden = scope.randomNormal(new Shape(1, positions, model.config().hiddenSize()));
      ChunkedLoss.Result few = new ChunkedLoss(model, 500).withGradient(hidden, labels, 0.01);
      Map<String, float[]> fewGradients = model.trained().takeGradients();

      ChunkedLoss whole = new ChunkedLoss(model, positions);
      ChunkedLoss.Result many = whole.withGradient(hidden, labels, 0.01);
      Map<String, float[]> manyGradients = model.trained().takeGradients();

      assertThat(many.value()).isCloseTo(few.value(), within(1e-6 * few.value()));
      assertThat(whole.sum(hidden, labels) / 100)
          .isCloseTo(few.value(), within(1e-6 * few.value()));
      assertThat(relative(many.gradient().toFloatArray(), few.gradient().toFloatArray()))
          .isLessThan(1e-6);
      assertThat(relative(manyGradients.get("lm_head.weight"), fewGradients.get("lm_head.weight")))
          .isLessThan(1e-5);
      assertScoresAlike(model, hidden.reshape(positions, -1));
    }
  }

  private static void assertScoresAlike(CausalLanguageModel model, NDArray hidden) {
    NDManager scope = hidden.getManager();
    int positions = (int) hidden.getShape().get(0);
    NDArray next = scope.arange(positions).mod(model.config().vocabularySize());
    NDArray labels = next.toType(DataType.INT64, false);
    NDArray all = model.scores(hidden, labels);
    NDArray half = model.scores(hidden.get("2000:"), labels.get("2000:"));
    assertThat(all.getShape()).isEqualTo(new Shape(2, positions));
    assertThat(relative(all.get(":, 2000:").toFloatArray(), half.toFloatArray())).isLessThan(1e-6);
  }

  @ParameterizedTest
  @EnumSource
  void aPassLeavesNoTensorsBehind(Kept kept) {
    MicroBatch batch = padded(96, tokens[0], Arrays.copyOf(tokens[1], 40));
    try (CausalLanguageModel model = full(Precision.FLOAT32)) {
      long before = TensorCensus.of(model.manager());
      run(model, kept, batch, batch.counted());
      assertThat(TensorCensus.of(model.manager())).isEqualTo(before);
    }
  }

  @Test
  void theNormIsThatOfAllGradientsTogether() {
    try (NDManager owner = SERVICES.engine().newManager()) {
      NDArray x = owner.create(new float[] {1, 1});
      NDArray y = owner.create(new float[] {1});
      x.setRequiresGradient(true);
      y.setRequiresGradient(true);
      NDArray product = Autograd.recording(() -> x.mul(y));
      Autograd.backward(product, owner.create(new float[] {1, 1}));
      // by x: (1, 1); by y: 2
      assertThat(new GradientNorm(SERVICES.compiler()).of(List.of(x, y)))
          .isCloseTo(Math.sqrt(6), within(1e-6));
      assertThat(TensorCensus.of(owner)).isEqualTo(4);
    }
  }
}
