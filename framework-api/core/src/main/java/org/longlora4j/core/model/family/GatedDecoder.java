package org.longlora4j.core.model.family;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.model.Decoder;
import org.longlora4j.api.model.DecoderNames;
import org.longlora4j.api.model.DecoderOperations;
import org.longlora4j.api.model.DecoderShape;
import org.longlora4j.api.model.LayerProjections;

/**
 * Llama's decoder, which others share: attention and a gated MLP, each behind a norm and around a
 * residual (arXiv:2302.13971, section 2.2).
 *
 * @param shape its sizes
 * @param epsilon of the norms
 * @param tied whether the embeddings are the output head
 * @param biases which projections have a bias
 */
record GatedDecoder(DecoderShape shape, double epsilon, boolean tied, Biases biases)
    implements Decoder {
  private static final DecoderNames NAMES =
      new DecoderNames("model.embed_tokens", "model.layers", "model.norm", "lm_head");
  private static final LayerProjections PROJECTIONS =
      new LayerProjections(
          List.of("q_proj", "k_proj", "v_proj"),
          "o_proj",
          List.of("gate_proj", "up_proj"),
          "down_proj",
          3); // gate, its activation, up

  /**
   * Which projections have a bias.
   *
   * @param queryKeyValue q_proj, k_proj and v_proj
   * @param output o_proj
   * @param mlp gate_proj, up_proj and down_proj
   */
  record Biases(boolean queryKeyValue, boolean output, boolean mlp) {
    static final Biases NONE = new Biases(false, false, false);
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
    return DecoderModules.list(shape, NAMES, tied, false, this::addLayer);
  }

  private void addLayer(DecoderModules modules) {
    int hidden = shape.hiddenSize();
    int intermediate = shape.intermediateSize();
    int queries = shape.heads() * shape.headDim();
    int keys = shape.keyValueHeads() * shape.headDim();
    modules
        .norm("input_layernorm")
        .projection("self_attn.q_proj", queries, hidden, biases.queryKeyValue())
        .projection("self_attn.k_proj", keys, hidden, biases.queryKeyValue())
        .projection("self_attn.v_proj", keys, hidden, biases.queryKeyValue())
        .projection("self_attn.o_proj", hidden, queries, biases.output())
        .norm("post_attention_layernorm")
        .projection("mlp.gate_proj", intermediate, hidden, biases.mlp())
        .projection("mlp.up_proj", intermediate, hidden, biases.mlp())
        .projection("mlp.down_proj", hidden, intermediate, biases.mlp());
  }

  @Override
  public NDArray layer(int index, NDArray hidden, DecoderOperations operations) {
    String prefix = NAMES.layer(index);
    try (NDArray attended = selfAttention(index, hidden, operations, prefix);
        NDArray middle = operations.add(hidden, attended)) {
      return operations.mlp(middle, middle, (x, parts) -> mlp(x, parts, prefix));
    }
  }

  private NDArray selfAttention(
      int index, NDArray hidden, DecoderOperations operations, String prefix) {
    try (NDArray normed = operations.rmsNorm(hidden, prefix + "input_layernorm", epsilon);
        NDArray query = operations.project(normed, prefix + "self_attn.q_proj");
        NDArray key = operations.project(normed, prefix + "self_attn.k_proj");
        NDArray value = operations.project(normed, prefix + "self_attn.v_proj");
        NDArray mixed = operations.attend(index, query, key, value)) {
      return operations.project(mixed, prefix + "self_attn.o_proj");
    }
  }

  private NDArray mlp(NDArray hidden, DecoderOperations operations, String prefix) {
    try (NDArray normed = operations.rmsNorm(hidden, prefix + "post_attention_layernorm", epsilon);
        NDArray gate = operations.project(normed, prefix + "mlp.gate_proj");
        NDArray up = operations.project(normed, prefix + "mlp.up_proj");
        NDArray gated = operations.swiglu(gate, up)) { // (…, intermediateSize)
      return operations.projectLast(gated, prefix + "mlp.down_proj");
    }
  }

  @Override
  public NDArray finalNorm(NDArray hidden, DecoderOperations operations) {
    return operations.rmsNorm(hidden, NAMES.finalNorm(), epsilon);
  }
}
