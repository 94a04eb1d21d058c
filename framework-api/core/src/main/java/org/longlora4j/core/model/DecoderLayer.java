package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import org.longlora4j.api.tensor.Kernels;

/**
 * One layer of a Llama-family decoder (arXiv:2302.13971, section 2.2): attention and a gated MLP,
 * each behind a norm and around a residual.
 *
 * <p>Intermediate tensors are closed as soon as they were used. In a recorded pass autograd keeps
 * those that the backward pass needs.
 */
final class DecoderLayer {
  private final int index;
  private final Kernels kernels;
  private final double epsilon;
  private final Parts parts;

  /** The modules of a layer, by their names in a checkpoint. */
  record Parts(
      NDArray inputLayernorm,
      Linear qProj,
      Linear kProj,
      Linear vProj,
      Linear oProj,
      NDArray postAttentionLayernorm,
      Linear gateProj,
      Linear upProj,
      Linear downProj) {}

  DecoderLayer(int index, Kernels kernels, double epsilon, Parts parts) {
    this.index = index;
    this.kernels = kernels;
    this.epsilon = epsilon;
    this.parts = parts;
  }

  /** Maps (batch, length, hidden) to the same shape, attached to the input's manager. */
  NDArray forward(NDArray hidden, LayerAttention attention, boolean training) {
    try (NDArray attended = selfAttention(hidden, attention, training);
        NDArray middle = hidden.add(attended)) {
      attention.turnToMlp(index);
      try (NDArray update = mlp(middle, training)) {
        return middle.add(update);
      }
    }
  }

  private NDArray selfAttention(NDArray hidden, LayerAttention attention, boolean training) {
    try (NDArray normed = norm(hidden, parts.inputLayernorm());
        NDArray query = parts.qProj().forward(normed, training);
        NDArray key = parts.kProj().forward(normed, training);
        NDArray value = parts.vProj().forward(normed, training);
        NDArray mixed = attention.attend(index, query, key, value)) {
      return parts.oProj().forward(mixed, training);
    }
  }

  private NDArray mlp(NDArray hidden, boolean training) {
    try (NDArray normed = norm(hidden, parts.postAttentionLayernorm());
        NDArray gated = gate(normed, training)) {
      return parts.downProj().forward(gated, training);
    }
  }

  private NDArray gate(NDArray normed, boolean training) {
    try (NDArray gate = parts.gateProj().forward(normed, training);
        NDArray up = parts.upProj().forward(normed, training)) {
      return kernels.call(normed.getManager(), "swiglu", gate, up); // (batch, length, intermediate)
    }
  }

  private NDArray norm(NDArray hidden, NDArray weight) {
    return kernels.call(hidden.getManager(), "rms_norm", hidden, weight, epsilon);
  }
}
