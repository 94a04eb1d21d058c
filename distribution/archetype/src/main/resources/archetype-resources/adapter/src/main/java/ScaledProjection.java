package ${package};

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.longlora4j.api.adapter.FrozenProjection;
import org.longlora4j.api.adapter.ProjectionAdapter;

/** A frozen projection whose output is scaled. It holds no tensor: the framework does. */
final class ScaledProjection implements ProjectionAdapter {
  private static final String SCALE = "scale.weight";

  private final Shape shape;
  private final OutputScalingKernels kernels;

  ScaledProjection(long features, OutputScalingKernels kernels) {
    this.shape = new Shape(features);
    this.kernels = kernels;
  }

  @Override
  public Map<String, Shape> parameters() {
    return Map.of(SCALE, shape);
  }

  @Override
  public Map<String, NDArray> initialize(
      FrozenProjection frozen, RandomGenerator random, NDManager owner) {
    return Map.of(SCALE, owner.ones(shape));
  }

  @Override
  public NDArray apply(
      NDArray input, FrozenProjection frozen, Map<String, NDArray> parameters, boolean training) {
    NDManager owner = input.getManager();
    NDArray scale = parameters.get(SCALE);
    // What is not handed on is closed here.
    try (NDArray output = frozen.apply(input)) {
      return frozen
          .bias()
          .map(bias -> kernels.scaleBesideBias(owner, output, scale, bias))
          .orElseGet(() -> kernels.scale(owner, output, scale));
    }
  }

  @Override
  public NDArray merge(NDArray weight, Map<String, NDArray> parameters) {
    return kernels.merge(weight.getManager(), weight, parameters.get(SCALE));
  }
}
