package org.longlora4j.core.model;

import ai.djl.ndarray.types.Shape;
import java.util.List;
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
 * What a model's layers hold while they train, told from shapes alone: {@link AutogradOperations}
 * and the loss, term by term.
 */
public final class ActivationMemory {
  private static final int NORMS = 2; // of a layer
  private static final int RESIDUALS = 3; // a layer's output, its gradient, its input's gradient
  private static final int LOGITS_COPIES = 3; // log softmax, its gradient, the logits' gradient

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

  /**
   * One layer's memory, in bytes.
   *
   * @param kept what a recorded pass leaves to the backward pass, beyond the layer's input
   * @param working that, and the gradients that are alive with it at the worst moment of the
   *     backward pass
   */
  public record Layer(long kept, long working) {}

  /** Tokens in one pass. */
  private long tokens() {
    return (long) shape.batch() * shape.length();
  }

  /** The bytes of one layer's input. */
  public long inputBytes() {
    return narrow(config.hiddenSize());
  }

  /**
   * The bytes that layers keep, beyond their inputs, if none runs again.
   *
   * @param lowest the first layer that gradients reach; those before keep nothing
   */
  public long keptBytes(int lowest) {
    return IntStream.range(lowest, config.layers()).mapToLong(i -> layer(i).kept()).sum();
  }

  /** The most that one layer holds. */
  public long workingBytes() {
    return IntStream.range(0, config.layers()).mapToLong(i -> layer(i).working()).max().orElse(0);
  }

  /**
   * The bytes of one chunk of logits with its gradients, and of the last layer's output, its
   * gradient, and the pieces that the gradient is put together from.
   */
  public long lossBytes() {
    long chunk =
        Math.min(tokens(), CausalLanguageModel.positionsPerChunk(config))
            * (long) config.vocabularySize();
    return LOGITS_COPIES * chunk * Float.BYTES + RESIDUALS * inputBytes();
  }

  /** What layer {@code index} holds. */
  public Layer layer(int index) {
    LayerProjections projections = config.decoder().projections();
    long activations = narrow((long) projections.mlpActivations() * config.intermediateSize());
    List<ModelModule> modules = modules(index);
    long norms = NORMS * normBytes() + trainedNorms(modules) * wide(config.hiddenSize());
    long attention =
        norms / 2 + attentionBytes(index) + inputBytes(modules, projections.attentionInput());
    long mlp =
        norms / 2
            + activations
            + inputBytes(modules, projections.mlpInput())
            + inputBytes(modules, List.of(projections.mlpOutput()));
    long adapters = adapterBytes(modules);
    long kept = attention + mlp + adapters + trainedCopies(modules);
    long residuals = RESIDUALS * inputBytes();
    long inMlp = kept + activations + residuals;
    long heads = (long) config.heads() * config.headDim();
    long keyValues = 2L * config.keyValueHeads() * config.headDim();
    long inAttention = kept - mlp + 2 * wide(heads) + narrow(2 * (heads + keyValues)) + residuals;
    return new Layer(kept, Math.max(inMlp, inAttention) + weightGradient(modules));
  }

  private List<ModelModule> modules(int index) {
    String prefix = config.names().layer(index);
    return config.modules().stream().filter(m -> m.name().startsWith(prefix)).toList();
  }

  /**
   * A norm's input as float32: a copy of the layer's input or of the sum behind attention; under
   * float32 the former is there already, and the latter is counted for both.
   */
  private long normBytes() {
    return precision == Precision.FLOAT32
        ? wide(config.hiddenSize()) / NORMS
        : wide(config.hiddenSize());
  }

  /** A norm's weight that trains keeps what it multiplies. */
  private long trainedNorms(List<ModelModule> modules) {
    return modules.stream().filter(m -> m.kind() == Kind.NORM && trains(m)).count();
  }

  /** Query, key, value, output, the softmax's normalizers, and what the pattern copies. */
  private long attentionBytes(int index) {
    long elements = 2L * (config.heads() + config.keyValueHeads()) * config.headDim();
    AttentionLayer layer = new AttentionLayer(index, config.layers(), shape.length());
    return narrow(elements)
        + wide(config.heads())
        + pattern.cost(shape, layer).workingElements() * precision.bytes();
  }

  /** The input of projections, which is kept if the gradient of a parameter needs it. */
  private long inputBytes(List<ModelModule> modules, List<String> names) {
    return modules.stream()
        .filter(module -> names.contains(module.shortName()))
        .filter(module -> trains(module) || plan.projections().containsKey(module.name()))
        .findFirst()
        .map(module -> narrow(module.weight().get(1)))
        .orElse(0L);
  }

  private long adapterBytes(List<ModelModule> modules) {
    return modules.stream()
            .filter(module -> plan.projections().containsKey(module.name()))
            .mapToLong(module -> plan.projections().get(module.name()).keptElements(tokens()))
            .sum()
        * precision.bytes();
  }

  /** A float32 weight that trains is multiplied in the session's precision. */
  private long trainedCopies(List<ModelModule> modules) {
    return precision == Precision.FLOAT32 ? 0 : trainedSizes(modules).sum() * precision.bytes();
  }

  /** The gradient of the largest weight that trains, before it is added to those before it. */
  private long weightGradient(List<ModelModule> modules) {
    return trainedSizes(modules).max().orElse(0) * (Float.BYTES + precision.bytes());
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
    return tokens() * elements * precision.bytes();
  }

  /** Bytes of so many float32 elements a token. */
  private long wide(long elements) {
    return tokens() * elements * Float.BYTES;
  }
}
