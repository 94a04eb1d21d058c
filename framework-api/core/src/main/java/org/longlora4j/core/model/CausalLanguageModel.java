package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.longlora4j.api.model.DecoderOperations;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.GradientTape;
import org.longlora4j.core.tensor.TorchServices;

/**
 * A loaded decoder, to be run layer by layer.
 *
 * <p>The parts are separate calls so that training can keep or recompute what lies between them.
 * Every result is attached to the manager of the hidden states that went in.
 */
public final class CausalLanguageModel implements AutoCloseable {
  private static final int MAX_LOGITS = 1 << 25; // elements held at once, 64 MiB in bfloat16

  private final ModelConfig config;
  private final RotaryEmbedding rotary;
  private final Precision precision;
  private final NDManager manager;
  private final Kernels kernels;
  private final TorchServices services;
  private final Parts parts;
  private final TrainedParameters trained;

  /**
   * What the model is made of.
   *
   * @param embeddings shape (vocabulary, hidden)
   * @param weights of all layers and the final norm
   * @param head shape (vocabulary, hidden); the embeddings themselves when they are tied
   * @param like a scalar in the session's precision
   */
  record Parts(NDArray embeddings, DecoderWeights weights, NDArray head, NDArray like) {}

  CausalLanguageModel(
      ModelConfig config,
      RotaryEmbedding rotary,
      Precision precision,
      NDManager manager,
      TorchServices services,
      Parts parts,
      TrainedParameters trained) {
    this.config = config;
    this.rotary = rotary;
    this.precision = precision;
    this.manager = manager;
    this.services = services;
    this.kernels = services.compiler().compile(CausalLanguageModel.class, "decoder.py");
    this.parts = parts;
    this.trained = trained;
  }

  /** The checkpoint's config.json. */
  public ModelConfig config() {
    return config;
  }

  /** The rotary embedding in use, which a recipe may have changed. */
  public RotaryEmbedding rotary() {
    return rotary;
  }

  /** The number format of frozen weights and activations. */
  public Precision precision() {
    return precision;
  }

  /** Owns the parameters; a parent for tensors that live as long as the model. */
  public NDManager manager() {
    return manager;
  }

  /** The parameters that train. */
  public TrainedParameters trained() {
    return trained;
  }

  /**
   * Bytes of all tensors that {@link #manager()} owns, itself or through managers below it:
   * weights, what quantized ones are read back into, and what a caller hung there.
   */
  public long bytes() {
    return manager.getManagedArrays().stream().mapToLong(CausalLanguageModel::bytes).sum();
  }

  /** The engine's API has no name for bfloat16. */
  private static long bytes(NDArray tensor) {
    DataType type = tensor.getDataType();
    return tensor.size()
        * (type == DataType.UNKNOWN ? Precision.BFLOAT16.bytes() : type.getNumOfBytes());
  }

  /** How many layers there are. */
  public int layers() {
    return config.layers();
  }

  /**
   * Looks tokens up.
   *
   * @param tokens int64, shape (batch, length)
   * @return shape (batch, length, hidden), attached to {@code tokens}' manager
   */
  public NDArray embed(NDArray tokens) {
    return kernels.call(tokens.getManager(), "embed", parts.embeddings(), tokens, parts.like());
  }

  /**
   * Runs one layer.
   *
   * @param index the layer, from 0
   * @param hidden shape (batch, length, hidden)
   * @param attention what happens between its projections
   * @param purpose what it is run for
   * @return shape (batch, length, hidden)
   */
  public NDArray layer(int index, NDArray hidden, LayerAttention attention, Purpose purpose) {
    return config.decoder().layer(index, hidden, operations(attention, purpose));
  }

  private DecoderOperations operations(LayerAttention attention, Purpose purpose) {
    return new LayerOperations(services, parts.weights(), attention, purpose);
  }

  /** Nothing is attended to behind the last layer. */
  private NDArray finalNorm(NDArray hidden) {
    return config
        .decoder()
        .finalNorm(hidden, operations(LayerOperations.NO_ATTENTION, Purpose.INFERENCE));
  }

  /** Runs all layers over a batch of tokens without keeping anything between them. */
  public NDArray hidden(NDArray tokens, LayerAttention attention) {
    NDArray hidden = embed(tokens);
    for (int i = 0; i < layers(); i++) {
      NDArray next = layer(i, hidden, attention, Purpose.INFERENCE);
      hidden.close();
      hidden = next;
    }
    return hidden;
  }

  /**
   * The cross entropy of some positions, behind the final norm and the head.
   *
   * @param hidden shape (positions, hidden)
   * @param labels int64, shape (positions): the token to be predicted at each, or -100 for none
   * @param scale multiplies the sum
   * @return a float32 scalar
   */
  public NDArray loss(NDArray hidden, NDArray labels, double scale) {
    try (NDArray normed = finalNorm(hidden)) {
      return kernels.call(hidden.getManager(), "loss", normed, parts.head(), labels, scale);
    }
  }

  /**
   * A loss and its gradient by the hidden states that it was computed from.
   *
   * @param value a float32 scalar
   * @param gradient of the hidden states' shape and number format
   */
  public record Loss(NDArray value, NDArray gradient) {}

  /**
   * The same, with its gradients: those of trained parameters add up in them.
   *
   * @param hidden shape (positions, hidden)
   * @param labels int64, shape (positions): the token to be predicted at each, or -100 for none
   * @param scale multiplies the sum
   */
  public Loss lossWithGradient(NDArray hidden, NDArray labels, double scale) {
    NDManager owner = hidden.getManager();
    NDArray head = parts.head();
    boolean trained = head.hasGradient();
    try (GradientTape tape = tape(owner)) {
      tape.watch(hidden);
      NDArray normed = tape.record(() -> finalNorm(hidden));
      String method = trained ? "loss_backward_trained" : "loss_backward";
      NDList computed =
          Autograd.silent(() -> kernels.callAll(owner, method, normed, head, labels, scale));
      if (trained) {
        Autograd.backward(head, computed.get(2));
      }
      tape.backward(normed, computed.get(1));
      return new Loss(computed.get(0), tape.gradient(hidden, owner));
    }
  }

  /** Opens a tape for passes through this model, under the manager that owns what it keeps. */
  public GradientTape tape(NDManager owner) {
    return services.tapes().open(owner);
  }

  /**
   * How well each of some positions predicts, behind the final norm and the head.
   *
   * @param hidden shape (positions, hidden)
   * @param labels int64, shape (positions): the token to be predicted at each
   * @return float32, shape (2, positions): the cross entropies in nats, and 1 where the likeliest
   *     token is the label, else 0
   */
  public NDArray scores(NDArray hidden, NDArray labels) {
    try (NDArray normed = finalNorm(hidden)) {
      return kernels.call(hidden.getManager(), "scores", normed, parts.head(), labels);
    }
  }

  /**
   * The scores of every token of the vocabulary.
   *
   * @param hidden shape (…, hidden)
   * @return float32, shape (…, vocabulary)
   */
  public NDArray logits(NDArray hidden) {
    try (NDArray normed = finalNorm(hidden)) {
      return kernels.call(hidden.getManager(), "logits", normed, parts.head());
    }
  }

  /** How many positions' logits may be held at once. */
  public int positionsPerChunk() {
    return positionsPerChunk(config);
  }

  static int positionsPerChunk(ModelConfig config) {
    return Math.max(256, MAX_LOGITS / config.vocabularySize());
  }

  /**
   * Copies the hidden states of some positions, rows one after another.
   *
   * @param owner who closes the result
   * @param hidden shape (batch, length, hidden)
   * @param begin the first position, from 0 to batch · length - 1
   * @param count how many
   * @return shape (count, hidden)
   */
  public NDArray positions(NDManager owner, NDArray hidden, long begin, long count) {
    return kernels.call(owner, "positions", hidden, begin, count);
  }

  /**
   * Makes an int64 tensor of token ids, shape (rows, length).
   *
   * @throws org.longlora4j.api.plugin.InvalidInputException if a token is not in the vocabulary
   */
  public NDArray tokens(NDManager owner, int[][] rows) {
    long[] flat = new long[rows.length * rows[0].length];
    int at = 0;
    for (int[] row : rows) {
      config.requireInVocabulary(row);
      for (int token : row) {
        flat[at++] = token;
      }
    }
    return owner.create(flat, new Shape(rows.length, rows[0].length));
  }

  @Override
  public void close() {
    manager.close();
  }
}
