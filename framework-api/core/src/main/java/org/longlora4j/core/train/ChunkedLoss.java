package org.longlora4j.core.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.longlora4j.core.model.CausalLanguageModel;

/** Cross entropy over some positions at a time, so that few logits exist at once. */
public final class ChunkedLoss {
  private final CausalLanguageModel model;
  private final int positionsPerChunk;

  /** Prepares losses behind a model's final norm and head. */
  public ChunkedLoss(CausalLanguageModel model) {
    this(model, model.positionsPerChunk());
  }

  ChunkedLoss(CausalLanguageModel model, int positionsPerChunk) {
    this.model = model;
    this.positionsPerChunk = positionsPerChunk;
  }

  /**
   * The sum of cross entropies, without gradients.
   *
   * @param hidden the last layer's output, shape (batch, length, hidden)
   * @param labels for each position, {@link MicroBatch#IGNORED} where none is counted
   * @return in nats
   */
  public double sum(NDArray hidden, int[][] labels) {
    return chunks(
        hidden, labels, (chunk, chunkLabels) -> model.loss(chunk, chunkLabels, 1).getFloat());
  }

  /**
   * The sum of cross entropies times {@code scale}, with its gradients: added up in the trained
   * parameters behind the last layer, and given by {@code hidden}.
   *
   * @param hidden the last layer's output, shape (batch, length, hidden)
   * @param labels as for {@link #sum}
   * @param scale multiplies the sum
   */
  public Result withGradient(NDArray hidden, int[][] labels, double scale) {
    try (NDManager scope = hidden.getManager().newSubManager()) {
      NDList gradients = new NDList();
      double sum =
          chunks(
              hidden,
              labels,
              (chunk, chunkLabels) -> {
                CausalLanguageModel.Loss loss = model.lossWithGradient(chunk, chunkLabels, scale);
                loss.gradient().attach(scope);
                gradients.add(loss.gradient());
                return loss.value().getFloat();
              });
      NDArray gradient = NDArrays.concat(gradients, 0).reshape(hidden.getShape());
      gradient.attach(hidden.getManager());
      return new Result(sum, gradient);
    }
  }

  private double chunks(NDArray hidden, int[][] labels, ChunkLoss loss) {
    long[] flatLabels = Arrays.stream(labels).flatMapToInt(IntStream::of).asLongStream().toArray();
    double sum = 0;
    for (int begin = 0; begin < flatLabels.length; begin += positionsPerChunk) {
      int end = Math.min(begin + positionsPerChunk, flatLabels.length);
      try (NDManager scope = hidden.getManager().newSubManager()) {
        NDArray chunk = model.positions(scope, hidden, begin, end - begin);
        NDArray chunkLabels = scope.create(Arrays.copyOfRange(flatLabels, begin, end));
        sum += loss.of(chunk, chunkLabels);
      }
    }
    return sum;
  }

  /** The loss of some positions. */
  @FunctionalInterface
  private interface ChunkLoss {
    double of(NDArray chunk, NDArray labels);
  }

  /**
   * A loss and its gradient by the last layer's output.
   *
   * @param value in nats
   * @param gradient of the output's shape and number format, attached to the output's manager
   */
  public record Result(double value, NDArray gradient) {}
}
