package org.longlora4j.core.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.DenseForward;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.TensorReader;
import org.longlora4j.core.tensor.TorchServices;

/** Compares a model's logits with those that another implementation gave. */
public final class Verification {
  private static final String INPUT_IDS = "input_ids";
  private static final String LOGITS = "logits";

  private final TorchServices services;

  /**
   * How far two sets of logits lie apart.
   *
   * @param largestDifference max|a − b| over all of them
   * @param relativeDifference that over max|b|, where b is expected; infinite if either side has a
   *     number that is not finite
   * @param positions how many positions were compared
   */
  public record Result(double largestDifference, double relativeDifference, long positions) {}

  /** Prepares to verify. */
  public Verification(TorchServices services) {
    this.services = services;
  }

  /**
   * Compares.
   *
   * @param model loaded
   * @param expected a safetensors file with {@code input_ids} (rows, length) and {@code logits}
   *     (rows, length, vocabulary)
   * @throws InvalidInputException if the file lacks one, or their shapes do not fit the model
   */
  public Result compare(CausalLanguageModel model, Path expected) {
    try (TensorFile file = SafetensorsFile.open(expected);
        DenseForward forward = new DenseForward(model, services)) {
      Shape shape = requireShapes(file, model);
      int[] tokens = TensorReader.readIntegers(file, INPUT_IDS);
      int length = (int) shape.get(1);
      Differences differences = new Differences();
      for (int row = 0; row < shape.get(0); row++) {
        int[][] one = {Arrays.copyOfRange(tokens, row * length, (row + 1) * length)};
        requireKnownTokens(one[0], model, expected);
        int first = row * length;
        forward.run(
            one,
            hidden -> {
              compareRow(model, hidden, file, first, differences);
              return null;
            });
      }
      return differences.result((long) tokens.length);
    }
  }

  private static void compareRow(
      CausalLanguageModel model,
      NDArray hidden,
      TensorFile file,
      int first,
      Differences differences) {
    int length = (int) hidden.getShape().get(1);
    int vocabulary = model.config().vocabularySize();
    for (int begin = 0; begin < length; begin += model.positionsPerChunk()) {
      int count = Math.min(model.positionsPerChunk(), length - begin);
      try (NDManager scope = hidden.getManager().newSubManager()) {
        NDArray logits = model.logits(model.positions(scope, hidden, begin, count));
        long offset = (long) (first + begin) * vocabulary * Float.BYTES;
        differences.add(
            logits.toFloatArray(), file.bytes(LOGITS, offset, count * vocabulary * Float.BYTES));
      }
    }
  }

  private static Shape requireShapes(TensorFile file, CausalLanguageModel model) {
    TensorEntry ids = require(file, INPUT_IDS);
    TensorEntry logits = require(file, LOGITS);
    if (ids.shape().dimension() != 2 || ids.shape().size() == 0) {
      throw new InvalidInputException(
          "%s: tensor %s has the shape %s, must have (rows, length), neither of them 0."
              .formatted(file.path(), INPUT_IDS, ids.shape()));
    }
    Shape wanted = ids.shape().add(model.config().vocabularySize());
    if (!logits.shape().equals(wanted) || logits.type() != ElementType.F32) {
      throw new InvalidInputException(
          "%s: tensor %s is %s %s, must be F32 %s for this model."
              .formatted(file.path(), LOGITS, logits.type(), logits.shape(), wanted));
    }
    return ids.shape();
  }

  private static TensorEntry require(TensorFile file, String name) {
    TensorEntry entry = file.entries().get(name);
    if (entry == null) {
      throw new InvalidInputException(
          "%s has no tensor %s; it must have %s and %s, and has %s."
              .formatted(file.path(), name, INPUT_IDS, LOGITS, file.entries().keySet()));
    }
    return entry;
  }

  private static void requireKnownTokens(int[] row, CausalLanguageModel model, Path file) {
    for (int token : row) {
      if (token < 0 || token >= model.config().vocabularySize()) {
        throw new InvalidInputException(
            "%s: tensor %s holds the token %d, the model's vocabulary has %d."
                .formatted(file, INPUT_IDS, token, model.config().vocabularySize()));
      }
    }
  }

  private static final class Differences {
    private double largest;
    private double magnitude;

    void add(float[] actual, ByteBuffer expected) {
      for (float value : actual) {
        float reference = expected.getFloat();
        double difference = Math.abs((double) value - reference);
        // A NaN anywhere, on either side, must not pass for agreement.
        largest =
            Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(largest, difference);
        magnitude = Math.max(magnitude, Math.abs(reference));
      }
    }

    Result result(long positions) {
      boolean comparable = magnitude > 0 && Double.isFinite(largest);
      return new Result(largest, comparable ? largest / magnitude : largest, positions);
    }
  }
}
