package org.longlora4j.plugin.s2attn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.GradientTape;
import org.longlora4j.core.tensor.TorchServices;
import org.longlora4j.plugin.s2attn.PatternCase.Kind;
import org.longlora4j.plugin.s2attn.ReferenceAttention.Tensors;

class AttentionPatternsTest {
  private static final TorchServices SERVICES = new TorchServices();
  private static final int CASES = 24;

  private final Random random = new Random(42);

  @AfterAll
  static void close() {
    SERVICES.close();
  }

  static Stream<PatternCase> everyPattern() {
    Random random = new Random(7);
    return Arrays.stream(Kind.values())
        .flatMap(kind -> PatternCase.random(kind, CASES, random).stream());
  }

  @ParameterizedTest
  @MethodSource("everyPattern")
  void outputsAndGradientsAreThoseOfTheMask(PatternCase call) {
    Tensors inputs = inputs(call.shape());
    float[] gradient = numbers(inputs.query().length);
    ReferenceAttention.Result expected =
        new ReferenceAttention(call.shape(), call.visible()).attend(inputs, gradient);
    try (NDManager owner = SERVICES.engine().newManager();
        GradientTape tape = SERVICES.tapes().open(owner)) {
      NDArray query = leaf(owner, inputs.query(), queryShape(call.shape()));
      NDArray key = leaf(owner, inputs.key(), keyShape(call.shape()));
      NDArray value = leaf(owner, inputs.value(), keyShape(call.shape()));
      NDArray output = tape.record(() -> pattern(call).attend(query, key, value, call.layer()));
      assertThat(output.getShape()).isEqualTo(queryShape(call.shape()));
      tape.backward(output, owner.create(gradient, output.getShape()));
      assertClose(output.toFloatArray(), expected.output(), 1e-5);
      assertClose(Autograd.gradient(query).toFloatArray(), expected.query(), 1e-5);
      assertClose(Autograd.gradient(key).toFloatArray(), expected.key(), 1e-5);
      assertClose(Autograd.gradient(value).toFloatArray(), expected.value(), 1e-5);
    }
  }

  @ParameterizedTest
  @MethodSource("everyPattern")
  void costCountsThePairsOfTheMask(PatternCase call) {
    assertThat(pattern(call).cost(call.shape(), call.layer()).pairs())
        .isEqualTo(new ReferenceAttention(call.shape(), call.visible()).pairs());
  }

  @Test
  void aRolledHeadLetsTheFirstPositionSeeTheLast() {
    AttentionShape shape = new AttentionShape(1, 2, 2, 16, 8);
    PatternCase call = new PatternCase(Kind.ROLLED, 4, shape, new AttentionLayer(0, 1, 16));
    Tensors inputs = inputs(shape);
    float[] before = attend(call, inputs);
    float[] after =
        attend(
            call,
            new Tensors(inputs.query(), inputs.key(), changedFrom(15, inputs.value(), shape)));
    int shiftedHead = shape.length() * shape.headDim();
    assertThat(after[0]).isEqualTo(before[0]);
    assertThat(after[shiftedHead]).isNotCloseTo(before[shiftedHead], within(1e-3f));
  }

  private static AttentionPattern pattern(PatternCase call) {
    return call.pattern(SERVICES);
  }

  private static float[] attend(PatternCase call, Tensors inputs) {
    try (NDManager owner = SERVICES.engine().newManager()) {
      return pattern(call)
          .attend(
              owner.create(inputs.query(), queryShape(call.shape())),
              owner.create(inputs.key(), keyShape(call.shape())),
              owner.create(inputs.value(), keyShape(call.shape())),
              call.layer())
          .toFloatArray();
    }
  }

  private Tensors inputs(AttentionShape shape) {
    int queries = (int) queryShape(shape).size();
    int keys = (int) keyShape(shape).size();
    return new Tensors(numbers(queries), numbers(keys), numbers(keys));
  }

  private float[] numbers(int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  private float[] changedFrom(int position, float[] values, AttentionShape shape) {
    float[] changed = values.clone();
    for (int i = 0; i < changed.length; i++) {
      if (i / shape.headDim() % shape.length() >= position) {
        changed[i] = 3 * (float) random.nextGaussian();
      }
    }
    return changed;
  }

  private static Shape queryShape(AttentionShape shape) {
    return new Shape(shape.batch(), shape.heads(), shape.length(), shape.headDim());
  }

  private static Shape keyShape(AttentionShape shape) {
    return new Shape(shape.batch(), shape.keyValueHeads(), shape.length(), shape.headDim());
  }

  private static NDArray leaf(NDManager owner, float[] values, Shape shape) {
    NDArray leaf = owner.create(values, shape);
    leaf.setRequiresGradient(true);
    return leaf;
  }

  private static void assertClose(float[] actual, double[] expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    double difference = 0;
    for (int i = 0; i < actual.length; i++) {
      difference =
          Math.max(
              difference, Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i])));
    }
    assertThat(difference).isLessThan(tolerance);
  }
}
