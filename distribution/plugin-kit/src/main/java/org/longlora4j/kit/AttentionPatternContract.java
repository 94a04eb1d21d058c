package org.longlora4j.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.longlora4j.kit.KitKernels.KERNELS;
import static org.longlora4j.kit.KitKernels.SERVICES;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.core.TensorCensus;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.GradientTape;

/**
 * What every attention pattern promises.
 *
 * <p>It is called with documents of many lengths, with plain and grouped heads, in two layers. What
 * it does not support it must say in {@link AttentionPattern#check}: a kind of heads that it
 * refuses there is not tried, but four query heads over two key and value heads must be accepted.
 */
public abstract class AttentionPatternContract extends ExtensionContract<AttentionPattern> {
  private static final int LAYERS = 2;
  private static final int HEAD_DIM = 8;

  /** (batch, heads, keyValueHeads). */
  private static final int[][] KINDS = {{1, 4, 2}, {2, 2, 2}, {1, 3, 1}, {2, 6, 3}, {1, 1, 1}};

  /** Checks patterns. */
  protected AttentionPatternContract() {
    super(AttentionPattern.class);
  }

  /** The recipe's context in tokens; 32 unless overridden. */
  protected int context() {
    return 32;
  }

  /**
   * Whether no query sees a later position; it is so unless overridden. A pattern that is declared
   * not to be causal must let some query see a later position.
   */
  protected boolean causal() {
    return true;
  }

  /**
   * Whether the output is the plain softmax, scaled by {@code 1 / sqrt(headDim)}, over the
   * positions that a query sees; it is so unless overridden.
   */
  protected boolean plainSoftmax() {
    return true;
  }

  /** Models that {@link AttentionPattern#check} must refuse; none unless overridden. */
  protected List<AttentionShape> refused() {
    return List.of();
  }

  @Override
  final Map<String, String> recipe(String section) {
    return Map.of("attention", section, "context", Integer.toString(context()));
  }

  @Override
  final List<String> complaints(AttentionPattern pattern) {
    return complaints(pattern, new AttentionShape(1, 4, 2, context(), HEAD_DIM));
  }

  private static List<String> complaints(AttentionPattern pattern, AttentionShape model) {
    List<String> lines = new ArrayList<>();
    pattern.check(model, (key, message) -> lines.add(key + ": " + message));
    return lines;
  }

  /** Calls with every kind of heads that is accepted, and every length that may be special. */
  private List<AttentionShape> calls() {
    AttentionPattern pattern = extension();
    List<AttentionShape> calls = new ArrayList<>();
    int[] lengths = {1, 2, 3, context() / 4 + 1, context() / 2, context() - 1, context()};
    for (int[] kind : KINDS) {
      AttentionShape model = new AttentionShape(kind[0], kind[1], kind[2], context(), HEAD_DIM);
      if (complaints(pattern, model).isEmpty()) {
        for (int length : lengths) {
          calls.add(new AttentionShape(kind[0], kind[1], kind[2], length, HEAD_DIM));
        }
      }
    }
    return calls;
  }

  private void probe(ProbedQuery query) {
    AttentionPattern pattern = extension();
    for (AttentionShape shape : calls()) {
      for (int index = 0; index < LAYERS; index++) {
        AttentionProbe probe = new AttentionProbe(pattern, shape, layer(index));
        String call = call(shape, layer(index));
        probe.forEachQuery((row, head, from) -> query.accept(probe, row, head, from, call));
      }
    }
  }

  private AttentionLayer layer(int index) {
    return new AttentionLayer(index, LAYERS, context());
  }

  private static Map<String, NDArray> inputs(NDManager owner, AttentionShape shape, long seed) {
    Drawn drawn = new Drawn(seed);
    Map<String, NDArray> inputs = new LinkedHashMap<>();
    inputs.put("query", drawn.normal(owner, AttentionProbe.queries(shape), 1));
    inputs.put("key", drawn.normal(owner, AttentionProbe.keys(shape), 1));
    inputs.put("value", drawn.normal(owner, AttentionProbe.keys(shape), 1));
    return inputs;
  }

  private static NDArray attend(
      AttentionPattern pattern, Map<String, NDArray> inputs, AttentionLayer layer) {
    SERVICES.engine().seed(3);
    return pattern.attend(inputs.get("query"), inputs.get("key"), inputs.get("value"), layer);
  }

  private static String call(AttentionShape shape, AttentionLayer layer) {
    return "in layer %d of a context of %d, %s".formatted(layer.index(), layer.context(), shape);
  }

  @Test
  void aModelWithGroupedHeadsIsAccepted() {
    assertThat(complaints(extension()))
        .as("what check() says against 4 query heads over 2 key and value heads")
        .isEmpty();
  }

  @Test
  void whatIsDeclaredRefusedIsRefusedWithAMessage() {
    for (AttentionShape model : refused()) {
      assertThat(complaints(extension(), model))
          .as("what check() says against %s", model)
          .isNotEmpty()
          .allSatisfy(line -> assertThat(line.substring(line.indexOf(':') + 1)).isNotBlank());
    }
  }

  @Test
  void theResultHasTheQuerysShapeAndOwnerAndIsAllThatIsLeft() {
    AttentionPattern pattern = extension();
    for (AttentionShape shape : calls()) {
      try (NDManager owner = SERVICES.engine().newManager();
          NDManager scope = owner.newSubManager()) {
        Map<String, NDArray> inputs = inputs(owner, shape, 1);
        inputs.get("query").attach(scope);
        List<float[]> before = inputs.values().stream().map(NDArray::toFloatArray).toList();
        NDArray output = attend(pattern, inputs, layer(0));

        assertThat(output.getShape())
            .as("the result's shape")
            .isEqualTo(AttentionProbe.queries(shape));
        assertThat(output.getManager()).as("the result's owner").isSameAs(scope);
        assertThat(TensorCensus.of(owner))
            .as(
                "tensors alive after a call %s: query, key, value and result",
                call(shape, layer(0)))
            .isEqualTo(4);
        assertThat(inputs.values().stream().map(NDArray::toFloatArray).toList())
            .as("the inputs after a call")
            .usingRecursiveComparison()
            .isEqualTo(before);
      }
    }
  }

  @Test
  void everyQuerySeesSomePosition() {
    probe(
        (probe, row, head, from, call) -> {
          double sum = 0;
          for (double weight : probe.softmax(row, head, from)) {
            sum += weight;
          }
          assertThat(sum)
              .as("the weights of query %d in head %d %s, which sees no position", from, head, call)
              .isFinite();
        });
  }

  @Test
  void noQuerySeesALaterPositionUnlessThatIsDeclared() {
    List<String> later = new ArrayList<>();
    probe(
        (probe, row, head, from, call) -> {
          for (int to = from + 1; to < probe.length(); to++) {
            if (probe.sees(row, head, from, to)) {
              later.add("query %d in head %d sees key %d %s".formatted(from, head, to, call));
            }
          }
        });
    if (causal()) {
      assertThat(later).as("queries that see a later position").isEmpty();
    } else {
      assertThat(later).as("queries that see a later position, as causal() declares").isNotEmpty();
    }
  }

  @Test
  void theOutputIsTheSoftmaxOverThePositionsThatAQuerySees() {
    if (!plainSoftmax()) {
      return;
    }
    probe(
        (probe, row, head, from, call) -> {
          double[] expected = probe.softmax(row, head, from);
          for (int to = 0; to < expected.length; to++) {
            float weight = probe.weight(row, head, from, to);
            if (!(Math.abs(weight - expected[to]) <= 1e-5)) {
              throw new AssertionError(
                  "query %d in head %d gives key %d the weight %s, softmax gives %s, %s"
                      .formatted(from, head, to, weight, expected[to], call));
            }
          }
        });
  }

  @Test
  void costCountsThePairsThatTakePart() {
    AttentionPattern pattern = extension();
    for (AttentionShape shape : calls()) {
      for (int index = 0; index < LAYERS; index++) {
        AttentionLayer layer = layer(index);
        assertThat(pattern.cost(shape, layer).pairs())
            .as("the (query, key) pairs of cost(), %s", call(shape, layer))
            .isEqualTo(new AttentionProbe(pattern, shape, layer).pairs());
        assertThat(pattern.cost(shape, layer).workingElements())
            .as("the working elements of cost(), %s", call(shape, layer))
            .isNotNegative();
      }
    }
  }

  @Test
  void gradientsAreTheSlopesOfTheOutput() {
    AttentionPattern pattern = extension();
    AttentionShape shape = new AttentionShape(1, 4, 2, context() / 4 + 3, HEAD_DIM);
    for (int index = 0; index < LAYERS; index++) {
      AttentionLayer layer = layer(index);
      Drawn drawn = new Drawn(31);
      Map<String, Gradients.Input> inputs = new LinkedHashMap<>();
      inputs.put("query", Gradients.Input.of(AttentionProbe.queries(shape), drawn, 0.5));
      inputs.put("key", Gradients.Input.of(AttentionProbe.keys(shape), drawn, 0.5));
      inputs.put("value", Gradients.Input.of(AttentionProbe.keys(shape), drawn, 0.5));
      new Gradients(leaves -> attend(pattern, leaves, layer)).assertAreSlopes(inputs);
    }
  }

  @Test
  void headsThatShareAKeyHeadAreHeadsWithCopiesOfIt() {
    AttentionPattern pattern = extension();
    AttentionShape shape = new AttentionShape(2, 4, 2, context() - 1, HEAD_DIM);
    try (NDManager owner = SERVICES.engine().newManager()) {
      Map<String, NDArray> grouped = inputs(owner, shape, 2);
      Map<String, NDArray> copied = new LinkedHashMap<>(grouped);
      copied.put("key", grouped.get("key").repeat(1, 2));
      copied.put("value", grouped.get("value").repeat(1, 2));
      Drawn.assertNear(
          "the output under grouped heads, against the same with each key head repeated",
          attend(pattern, grouped, layer(0)).toFloatArray(),
          attend(pattern, copied, layer(0)).toFloatArray(),
          1e-5);
    }
  }

  @Test
  void rowsOfABatchDoNotSeeEachOther() {
    AttentionPattern pattern = extension();
    AttentionShape shape = new AttentionShape(3, 4, 2, context() - 1, HEAD_DIM);
    try (NDManager owner = SERVICES.engine().newManager()) {
      Map<String, NDArray> all = inputs(owner, shape, 4);
      NDArray together = attend(pattern, all, layer(0));
      for (int row = 0; row < shape.batch(); row++) {
        String only = row + ":" + (row + 1);
        Map<String, NDArray> alone = new LinkedHashMap<>();
        all.forEach((name, input) -> alone.put(name, input.get(only)));
        Drawn.assertNear(
            "row " + row + " of a batch, against the row alone",
            together.get(only).toFloatArray(),
            attend(pattern, alone, layer(0)).toFloatArray(),
            1e-5);
      }
    }
  }

  @Test
  void aRowThatIsCutFromItsPaddingIsAttendedAsIfAlone() {
    AttentionPattern pattern = extension();
    AttentionShape padded = new AttentionShape(1, 4, 2, context(), HEAD_DIM);
    int length = context() / 2 + 1;
    try (NDManager owner = SERVICES.engine().newManager()) {
      Map<String, NDArray> views = new LinkedHashMap<>();
      Map<String, NDArray> copies = new LinkedHashMap<>();
      inputs(owner, padded, 5)
          .forEach(
              (name, row) -> {
                NDArray view = KERNELS.firstPositions(owner, row, length);
                views.put(name, view);
                copies.put(name, owner.create(view.toFloatArray(), view.getShape()));
              });
      Drawn.assertNear(
          "the output of inputs that are views into longer rows, against copies of them",
          attend(pattern, views, layer(0)).toFloatArray(),
          attend(pattern, copies, layer(0)).toFloatArray(),
          1e-5);
    }
  }

  @Test
  void aLayerThatRunsAgainGivesTheSameBits() {
    AttentionShape shape = new AttentionShape(2, 4, 2, context() - 1, HEAD_DIM);
    try (NDManager owner = SERVICES.engine().newManager();
        GradientTape tape = SERVICES.tapes().open(owner)) {
      Map<String, NDArray> inputs = inputs(owner, shape, 6);
      float[] silent = Autograd.silent(() -> attend(extension(), inputs, layer(1))).toFloatArray();
      inputs.values().forEach(input -> input.setRequiresGradient(true));
      float[] recorded = tape.record(() -> attend(extension(), inputs, layer(1))).toFloatArray();
      assertThat(Arrays.equals(silent, recorded))
          .as("whether a recorded pass gives the bits of the pass before it, under one seed")
          .isTrue();
      Supplier<float[]> again = () -> attend(extension(), inputs, layer(1)).toFloatArray();
      float[] kept = tape.look(again);
      assertThat(Arrays.equals(kept, tape.record(again)))
          .as("whether it does where the results of attention are kept from the pass before it")
          .isTrue();
    }
  }

  @Test
  void bfloat16DiffersByItsRoundingAlone() {
    AttentionPattern pattern = extension();
    AttentionShape shape = new AttentionShape(2, 4, 2, context() - 1, HEAD_DIM);
    try (NDManager owner = SERVICES.engine().newManager()) {
      Map<String, NDArray> rounded = new LinkedHashMap<>();
      Map<String, NDArray> widened = new LinkedHashMap<>();
      inputs(owner, shape, 8)
          .forEach(
              (name, input) -> {
                rounded.put(name, KERNELS.asBfloat16(owner, input));
                widened.put(name, KERNELS.asFloat32(owner, rounded.get(name)));
              });
      NDArray output = attend(pattern, rounded, layer(0));
      assertThat(output.getDataType())
          .as("the number format of the output of bfloat16 inputs, which DJL does not know")
          .isEqualTo(rounded.get("query").getDataType());
      Drawn.assertNear(
          "the output in bfloat16, against float32",
          KERNELS.asFloat32(owner, output).toFloatArray(),
          attend(pattern, widened, layer(0)).toFloatArray(),
          0.02);
    }
  }

  /** What is asked of one query of a probed call. */
  @FunctionalInterface
  private interface ProbedQuery {
    void accept(AttentionProbe probe, int row, int head, int from, String call);
  }
}
