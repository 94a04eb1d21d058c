package org.longlora4j.core.model.family;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.model.Decoder;
import org.longlora4j.api.model.DecoderNames;
import org.longlora4j.api.model.DecoderOperations;
import org.longlora4j.api.model.DecoderShape;
import org.longlora4j.api.model.LayerProjections;
import org.longlora4j.api.tensor.Kernels;

/**
 * GPT-NeoX's decoder (arXiv:2204.06745, section 2.1).
 *
 * @param shape its sizes
 * @param epsilon of the norms
 * @param tied whether the embeddings are the output head
 * @param activation the MLP's
 * @param attentionBias whether attention's projections have a bias
 * @param parallelResidual whether attention and MLP both read the layer's input
 */
record GptNeoxDecoder(
    DecoderShape shape,
    double epsilon,
    boolean tied,
    Activation activation,
    boolean attentionBias,
    boolean parallelResidual)
    implements Decoder {
  private static final DecoderNames NAMES =
      new DecoderNames(
          "gpt_neox.embed_in", "gpt_neox.layers", "gpt_neox.final_layer_norm", "embed_out");
  private static final String QUERY_KEY_VALUE = "attention.query_key_value";
  private static final LayerProjections PROJECTIONS =
      new LayerProjections(
          List.of("query_key_value"), "dense", List.of("dense_h_to_4h"), "dense_4h_to_h", 2);

  /** The Gaussian error linear unit, or what stands for it. */
  enum Activation {
    /** By the error function. */
    EXACT,
    /** By the hyperbolic tangent. */
    TANH
  }

  @Override
  public DecoderNames names() {
    return NAMES;
  }

  @Override
  public LayerProjections projections() {
    return PROJECTIONS;
  }

  @Override
  public List<ModelModule> modules() {
    return DecoderModules.list(shape, NAMES, tied, true, this::addLayer);
  }

  private void addLayer(DecoderModules modules) {
    int hidden = shape.hiddenSize();
    int intermediate = shape.intermediateSize();
    modules
        .norm("input_layernorm")
        .norm("post_attention_layernorm")
        .projection(QUERY_KEY_VALUE, 3 * hidden, hidden, attentionBias)
        .projection("attention.dense", hidden, hidden, attentionBias)
        .projection("mlp.dense_h_to_4h", intermediate, hidden, true)
        .projection("mlp.dense_4h_to_h", hidden, intermediate, true);
  }

  @Override
  public NDArray layer(int index, NDArray hidden, DecoderOperations operations) {
    String prefix = NAMES.layer(index);
    try (NDArray attended = selfAttention(index, hidden, operations, prefix);
        NDArray middle = operations.add(hidden, attended)) {
      return operations.mlp(
          middle, parallelResidual ? hidden : middle, (x, parts) -> mlp(x, parts, prefix));
    }
  }

  private NDArray selfAttention(
      int index, NDArray hidden, DecoderOperations operations, String prefix) {
    try (NDArray normed = operations.layerNorm(hidden, prefix + "input_layernorm", epsilon);
        NDArray fused = operations.project(normed, prefix + QUERY_KEY_VALUE);
        NDArray query = part(fused, 0, operations);
        NDArray key = part(fused, 1, operations);
        NDArray value = part(fused, 2, operations);
        NDArray mixed = operations.attend(index, query, key, value)) {
      return operations.project(mixed, prefix + "attention.dense");
    }
  }

  /** A head's query, key and value lie side by side. */
  private NDArray part(NDArray fused, int index, DecoderOperations operations) {
    return operations.apply(kernels(operations), "part", fused, shape.heads(), index);
  }

  private static Kernels kernels(DecoderOperations operations) {
    return operations.compile(GptNeoxDecoder.class, "gpt_neox.py");
  }

  private NDArray mlp(NDArray hidden, DecoderOperations operations, String prefix) {
    try (NDArray normed =
            operations.layerNorm(hidden, prefix + "post_attention_layernorm", epsilon);
        NDArray wide = operations.project(normed, prefix + "mlp.dense_h_to_4h");
        NDArray bent = gelu(wide, operations)) {
      return operations.projectLast(bent, prefix + "mlp.dense_4h_to_h");
    }
  }

  private NDArray gelu(NDArray wide, DecoderOperations operations) {
    return switch (activation) {
      case EXACT -> operations.gelu(wide);
      case TANH -> operations.apply(kernels(operations), "gelu_tanh", wide);
    };
  }

  @Override
  public NDArray finalNorm(NDArray hidden, DecoderOperations operations) {
    return operations.layerNorm(hidden, NAMES.finalNorm(), epsilon);
  }

  /** Causal masks and what stood for minus infinity in them. */
  @Override
  public boolean isLeftover(String tensor) {
    return tensor.endsWith(".attention.bias") || tensor.endsWith(".attention.masked_bias");
  }
}
