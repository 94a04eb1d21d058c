package org.longlora4j.core.model;

import static java.util.stream.Collectors.partitioningBy;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ModelModule.Kind;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.api.model.LayerProjections;
import org.longlora4j.api.tensor.Precision;

/**
 * What a model's layers hold while they train, told from shapes alone: {@link LayerOperations} and
 * the loss, term by term.
 */
public final class ActivationMemory {
  private static final int RESULTS = 3; // as wide as the layer: norm, output projection, sum
  private static final long MLP_RESULTS = 2; // the same in the MLP: norm, last projection
  private static final int GATE_PRODUCTS = 1; // of a gradient and the gate, in one piece on a GPU
  private static final int ATTENTION_COPIES = 10; // cut to segments, their gradients, put together
  private static final int ENDS = 4; // a layer's output, gradients of it, of its input and its sum
  private static final int LOSS_ENDS = 3; // the last layer's output, its gradient, pieces of that
  private static final long SOFTMAX = 2L << 20; // logits as float32 and their logarithms, by rows

  private final ModelConfig config;
  private final AdapterPlan plan;
  private final AttentionPattern pattern;
  private final AttentionShape shape;
  private final Precision precision;

  /**
   * Activations of a model under training.
   *
   * @param config the model
   * @param plan which parameters train, and what wraps a frozen projection
   * @param pattern what attends
   * @param shape rows and their length, with the model's heads
   * @param precision the number format of activations
   */
  public ActivationMemory(
      ModelConfig config,
      AdapterPlan plan,
      AttentionPattern pattern,
      AttentionShape shape,
      Precision precision) {
    this.config = config;
    this.plan = plan;
    this.pattern = pattern;
    this.shape = shape;
    this.precision = precision;
  }

  /** Tokens in one pass. */
  private long tokens() {
    return (long) shape.batch() * shape.length();
  }

  /** The bytes of one layer's input. */
  public long inputBytes() {
    return narrow(config.hiddenSize());
  }

  /**
   * The bytes that layers keep, beyond their inputs.
   *
   * @param lowest the first layer that gradients reach; those before keep nothing
   * @param kept what they keep
   */
  public long keptBytes(int lowest, Kept kept) {
    return IntStream.range(lowest, config.layers()).mapToLong(i -> keptByLayer(i, kept)).sum();
  }

  private long keptByLayer(int index, Kept kept) {
    Layer layer = new Layer(index);
    return switch (kept) {
      case ACTIVATIONS -> layer.outsideMlp() + layer.mlp(tokens());
      case ALL_BUT_MLP -> layer.outsideMlp();
      case ATTENTION -> queries();
      case INPUT -> 0;
    };
  }

  /**
   * The most that one layer holds at the worst moment of the backward pass, beyond what it kept:
   * what runs again, and gradients.
   *
   * @param kept what layers keep
   */
  public long workingBytes(Kept kept) {
    return IntStream.range(0, config.layers())
        .mapToObj(Layer::new)
        .mapToLong(layer -> layer.working(kept))
        .max()
        .orElse(0);
  }

  /**
   * The bytes of one chunk of logits, which become their gradient, and of the last layer's output,
   * its gradient, and the pieces that the gradient is put together from; with a head that trains,
   * also of its gradient before that is added to those before it.
   */
  public long lossBytes() {
    long chunk =
        Math.min(tokens(), CausalLanguageModel.positionsPerChunk(config))
            * (long) config.vocabularySize();
    long head = (long) config.vocabularySize() * config.hiddenSize();
    long trained = plan.trained().contains(config.headModule(plan)) ? head * gradientBytes() : 0;
    return chunk * precision.bytes() + SOFTMAX * Float.BYTES + LOSS_ENDS * inputBytes() + trained;
  }

  /**
   * What a layer holds: the tape keeps the result of every operation, and autograd what an adapter
   * or a parameter that trains needs.
   */
  private final class Layer {
    private final int index;
    private final List<ModelModule> outsideMlp;
    private final List<ModelModule> mlp;

    Layer(int index) {
      this.index = index;
      String prefix = config.names().layer(index);
      LayerProjections projections = config.decoder().projections();
      Map<Boolean, List<ModelModule>> modules =
          config.modules().stream()
              .filter(module -> module.name().startsWith(prefix))
              .collect(partitioningBy(module -> projections.isOfMlp(module.shortName())));
      outsideMlp = modules.get(false);
      mlp = modules.get(true);
    }

    /** What is left to the backward pass, without the MLP. */
    long outsideMlp() {
      return RESULTS * inputBytes()
          + attentionBytes()
          + (pattern.attendsByCausalAttention() ? 0 : cutOut())
          + adapterBytes(outsideMlp, tokens())
          + trainedCopies(outsideMlp);
    }

    /** The same of the MLP, of so many positions. */
    long mlp(long positions) {
      return narrow(positions, mlpActivations() * config.intermediateSize())
          + narrow(positions, MLP_RESULTS * config.hiddenSize())
          + adapterBytes(mlp, positions)
          + trainedCopies(mlp);
    }

    long working(Kept kept) {
      long again = kept.recomputesProjections() ? outsideMlp() : 0;
      long copies = pattern.attendsByCausalAttention() ? cutOut() : 0;
      return again + copies + Math.max(inMlp(kept), inAttention(kept)) + ENDS * inputBytes();
    }

    private long inMlp(Kept kept) {
      long positions = kept.recomputesMlp() ? PiecewiseMlp.positions(tokens()) : tokens();
      long again = kept.recomputesMlp() ? mlp(positions) : 0;
      long widths = mlpActivations() + GATE_PRODUCTS;
      return again + narrow(positions, widths * config.intermediateSize()) + weightGradient(mlp);
    }

    /** By then what an MLP kept is gone. */
    private long inAttention(Kept kept) {
      long gone = kept.recomputesMlp() ? 0 : mlp(tokens());
      return ATTENTION_COPIES * queries() + scoreBytes() + weightGradient(outsideMlp) - gone;
    }

    /** What the pattern cuts out. */
    private long cutOut() {
      AttentionLayer layer = new AttentionLayer(index, config.layers(), shape.length());
      return pattern.cost(shape, layer).workingElements() * precision.bytes();
    }

    private long mlpActivations() {
      return config.decoder().projections().mlpActivations();
    }
  }

  /** Query and key before and after they are turned, value, and output. */
  private long attentionBytes() {
    long keys = narrow((long) config.keyValueHeads() * config.headDim());
    return 3 * (queries() + keys);
  }

  /** The bytes of all query heads. */
  private long queries() {
    return narrow((long) config.heads() * config.headDim());
  }

  /** Blocks of scores, their probabilities and gradients, at the most. */
  private long scoreBytes() {
    return 3 * Math.max(1 << 21, 2L * 256 * shape.length()) * precision.bytes();
  }

  private long adapterBytes(List<ModelModule> modules, long positions) {
    return modules.stream()
            .filter(module -> plan.projections().containsKey(module.name()))
            .mapToLong(module -> plan.projections().get(module.name()).keptElements(positions))
            .sum()
        * precision.bytes();
  }

  /** A float32 weight that trains is multiplied in the session's precision. */
  private long trainedCopies(List<ModelModule> modules) {
    return precision == Precision.FLOAT32 ? 0 : trainedSizes(modules).sum() * precision.bytes();
  }

  /** The gradient of the largest weight that trains, before it is added to those before it. */
  private long weightGradient(List<ModelModule> modules) {
    return trainedSizes(modules).max().orElse(0) * gradientBytes();
  }

  /** A number's gradient in the session's precision, and as float32 where that is another. */
  private int gradientBytes() {
    return precision == Precision.FLOAT32 ? Float.BYTES : Float.BYTES + precision.bytes();
  }

  private LongStream trainedSizes(List<ModelModule> modules) {
    return modules.stream()
        .filter(module -> module.kind() == Kind.PROJECTION && trains(module))
        .map(ModelModule::weight)
        .mapToLong(Shape::size);
  }

  private boolean trains(ModelModule module) {
    return plan.trained().contains(module.name());
  }

  /** Bytes of so many elements a token in the session's precision. */
  private long narrow(long elements) {
    return narrow(tokens(), elements);
  }

  private long narrow(long positions, long elements) {
    return positions * elements * precision.bytes();
  }
}
