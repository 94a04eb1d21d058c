package org.longlora4j.api.model;

import ai.djl.ndarray.NDArray;
import org.longlora4j.api.tensor.Kernels;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What a decoder is made of. Modules are named as {@link Decoder#modules} names them.
 *
 * <p>All arithmetic on a tensor that gradients flow through goes through these: a family that needs
 * more brings kernels of its own and calls them by {@link #apply}. Results have the number format
 * of the hidden states and are attached to the first tensor's manager.
 */
@ProviderType
public interface DecoderOperations {
  /**
   * Root mean square normalization, computed in float32 (arXiv:1910.07467).
   *
   * @param x shape (…, hiddenSize)
   * @param module a norm without a bias
   * @param epsilon added to the mean of the squares
   * @return the shape of {@code x}
   */
  NDArray rmsNorm(NDArray x, String module, double epsilon);

  /**
   * Layer normalization, computed in float32 (arXiv:1607.06450).
   *
   * @param x shape (…, hiddenSize)
   * @param module a norm with a bias
   * @param epsilon added to the variance
   * @return the shape of {@code x}
   */
  NDArray layerNorm(NDArray x, String module, double epsilon);

  /**
   * A linear layer, with its adapter if it has one.
   *
   * @param x shape (batch, length, inFeatures)
   * @param module a projection
   * @return shape (batch, length, outFeatures)
   */
  NDArray project(NDArray x, String module);

  /**
   * What a layer ends with: {@code residual + block(x)}, in pieces of some positions each, since
   * the block sees each position by itself (arXiv:1706.03762, section 3.3). Where memory is to be
   * saved the block runs again when its gradients are wanted, so that nothing of its width is kept,
   * and its values are left out where no gradient needs them: nothing but the layer's result may be
   * made of this one.
   *
   * @param residual shape (batch, length, hiddenSize)
   * @param x the same; it may be {@code residual}
   * @param block from {@code x} to what is added
   * @return the same shape
   */
  NDArray mlp(NDArray residual, NDArray x, Block block);

  /** What an MLP adds to the residual. */
  @FunctionalInterface
  @ConsumerType
  interface Block {
    /**
     * Computes some positions. It may be called after the layer has ended, so that it reaches for
     * no tensor but {@code x} and what {@code operations} give.
     *
     * @param x shape (1, positions, hiddenSize), positions of all rows one after another, or whole
     *     rows, (batch, length, hiddenSize); not to be closed
     * @param operations what the block is made of, in place of those that the layer was given, and
     *     without {@link #attend}
     * @return a new tensor of the same shape, attached to {@code x}'s manager
     */
    NDArray apply(NDArray x, DecoderOperations operations);
  }

  /**
   * The linear layer that a {@link Block} ends with, with its adapter if it has one. Where the
   * block runs again for its gradients, a projection that neither trains nor has an adapter is left
   * out, since no gradient needs its values: nothing but the block's result may be made of this
   * one.
   *
   * @param x shape (batch, length, inFeatures)
   * @param module a projection
   * @return shape (batch, length, outFeatures)
   */
  NDArray projectLast(NDArray x, String module);

  /**
   * Turns queries and keys by their positions, and attends in the session's pattern.
   *
   * @param layer the layer, from 0
   * @param query shape (batch, length, heads · headDim)
   * @param key shape (batch, length, keyValueHeads · headDim)
   * @param value shape (batch, length, keyValueHeads · headDim)
   * @return shape (batch, length, heads · headDim)
   */
  NDArray attend(int layer, NDArray query, NDArray key, NDArray value);

  /**
   * The gate of a gated MLP: {@code silu(gate) · up} (arXiv:2002.05202).
   *
   * @param gate any shape
   * @param up the same
   */
  NDArray swiglu(NDArray gate, NDArray up);

  /** The exact Gaussian error linear unit (arXiv:1606.08415). */
  NDArray gelu(NDArray x);

  /** The sum of two tensors of one shape. */
  NDArray add(NDArray left, NDArray right);

  /**
   * Calls a kernel of the family's own, which autograd differentiates.
   *
   * @param kernels what {@link org.longlora4j.api.tensor.KernelCompiler} gave
   * @param method the entry point's name
   * @param arguments tensors and numbers, in the method's order; the first is a tensor
   */
  NDArray apply(Kernels kernels, String method, Object... arguments);

  /**
   * Compiles a kernel file, or gives what it was compiled to before.
   *
   * @param anchor a class in the jar and package of the resource
   * @param resource the file's name, relative to {@code anchor}'s package
   */
  Kernels compile(Class<?> anchor, String resource);

  /**
   * The weight of a module that is no projection, for {@link #apply}; not to be closed.
   *
   * @param module a norm
   */
  NDArray weight(String module);
}
