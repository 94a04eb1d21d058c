package org.longlora4j.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.adapter.FrozenProjection;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ProjectionAdapter;
import org.longlora4j.api.tensor.Precision;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A frozen projection with and without an adapter: 4096 tokens, bfloat16, forward and backward. */
@State(Scope.Benchmark)
public class LinearBenchmark extends TensorBenchmark {
  private static final int TOKENS = 4096;

  /** Features in and out. */
  @Param({"512", "2048"})
  public int features;

  /** The adapter's rank. */
  @Param({"8", "64"})
  public int rank;

  private FrozenProjection frozen;
  private ProjectionAdapter adapter;
  private final Map<String, NDArray> parameters = new HashMap<>();
  private NDArray input;
  private NDArray gradient;

  @Override
  void prepare() {
    NDArray weight = normal(Precision.BFLOAT16, features, features);
    frozen = new Plain(weight);
    ModelModule module =
        new ModelModule(
            "model.layers.0.self_attn.q_proj",
            ModelModule.Kind.PROJECTION,
            new Shape(features, features),
            false);
    AdapterStrategy strategy =
        extension(
            AdapterStrategy.class, "{ use: lora, rank: %d, targets: [q_proj] }".formatted(rank));
    adapter =
        strategy
            .plan(
                List.of(module),
                (key, message) -> {
                  throw new IllegalStateException(key + ": " + message);
                })
            .projections()
            .get(module.name());
    parameters.clear();
    adapter
        .parameters()
        .forEach((name, shape) -> parameters.put(name, leaf(Precision.FLOAT32, shape.getShape())));
    input = leaf(Precision.BFLOAT16, 1, TOKENS, features);
    gradient = normal(Precision.BFLOAT16, 1, TOKENS, features);
  }

  /** The projection alone. */
  @Benchmark
  public void frozen() {
    thereAndBack(() -> frozen.apply(input), gradient);
  }

  /** The projection inside its adapter. */
  @Benchmark
  public void adapted() {
    thereAndBack(() -> adapter.apply(input, frozen, parameters, true), gradient);
  }

  /** A weight that is used as it is stored. */
  private final class Plain implements FrozenProjection {
    private final NDArray weight;

    Plain(NDArray weight) {
      this.weight = weight;
    }

    @Override
    public NDArray apply(NDArray x) {
      return compute("linear", "linear_backward", x, weight);
    }

    @Override
    public NDArray weight() {
      return weight;
    }

    @Override
    public Optional<NDArray> bias() {
      return Optional.empty();
    }
  }
}
