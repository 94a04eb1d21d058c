package ${package};

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.inject.Inject;
import java.util.Map;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.train.Optimizer;

/** Gradient descent with momentum, by NDArray's own operations. */
public final class MomentumDescent implements Optimizer {
  private static final String VELOCITY = "velocity";

  /**
   * What a recipe says about {@code ${artifactId}}.
   *
   * @param momentum the part of the velocity that a step keeps
   */
  public record Options(
      @Option(
              value = "The part of the velocity that a step keeps, below 1.",
              defaultValue = "0.9",
              min = 0,
              max = 1)
          double momentum) {}

  private final float momentum;

  @Inject
  MomentumDescent(Options options) {
    momentum = (float) options.momentum();
  }

  @Override
  public Map<String, NDArray> initialState(Shape shape, NDManager owner) {
    return Map.of(VELOCITY, owner.zeros(shape));
  }

  @Override
  public long stateBytes(Shape shape) {
    return shape.size() * Float.BYTES;
  }

  @Override
  public void step(NDArray parameter, NDArray gradient, Map<String, NDArray> state, Update update) {
    NDArray velocity = state.get(VELOCITY);
    // Names that end in i work in place; what the others make is closed.
    try (NDArray scaled = gradient.mul((float) update.gradientScale())) {
      velocity.muli(momentum).addi(scaled);
    }
    try (NDArray change = velocity.mul((float) update.learningRate())) {
      parameter.subi(change);
    }
  }
}
