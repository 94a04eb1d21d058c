package org.longlora4j.benchmarks;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.model.ModelLoader;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.train.ChunkedLoss;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The loss behind the last layer and its gradient, in chunks: 4096 tokens, bfloat16. */
@State(Scope.Benchmark)
public class LossBenchmark extends TensorBenchmark {
  private static final int TOKENS = 4096;
  private static final int HIDDEN = 512;

  /** Tokens to choose from. */
  @Param({"4096", "32000"})
  public int vocabulary;

  private CausalLanguageModel model;
  private NDArray hidden;
  private final int[][] labels = new int[1][TOKENS];

  @Override
  void prepare() {
    ModelConfig config = ModelConfig.of(keys(), Path.of("config.json"), "");
    try (Checkpoint checkpoint = Checkpoint.random(config, 1, Optional.empty())) {
      model =
          new ModelLoader(services())
              .load(checkpoint, Composition.asItStands(config, Precision.BFLOAT16));
    }
    hidden = normal(Precision.BFLOAT16, 1, TOKENS, HIDDEN);
    Random random = new Random(1);
    for (int i = 0; i < TOKENS; i++) {
      labels[0][i] = random.nextInt(vocabulary);
    }
  }

  private Map<String, Object> keys() {
    return Map.of(
        "model_type", "llama",
        "hidden_size", HIDDEN,
        "intermediate_size", HIDDEN,
        "num_hidden_layers", 1,
        "num_attention_heads", 8,
        "max_position_embeddings", TOKENS,
        "vocab_size", vocabulary);
  }

  @Override
  void close() {
    model.close();
  }

  /** The sum alone. */
  @Benchmark
  public double loss() {
    return Autograd.silent(() -> new ChunkedLoss(model).sum(hidden, labels));
  }

  /** With the gradient of the last layer's output. */
  @Benchmark
  public double lossAndGradient() {
    return Autograd.silent(
        () -> {
          ChunkedLoss.Result result = new ChunkedLoss(model).withGradient(hidden, labels, 1.0);
          result.gradient().close();
          return result.value();
        });
  }
}
