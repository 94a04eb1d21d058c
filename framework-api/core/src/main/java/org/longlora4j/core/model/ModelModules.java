package org.longlora4j.core.model;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ModelModule.Kind;

/** The modules of a Llama-family decoder, by the names that its checkpoints use. */
public final class ModelModules {
  /** The token embeddings. */
  public static final String EMBEDDINGS = "model.embed_tokens";

  /** The norm after the last layer. */
  public static final String FINAL_NORM = "model.norm";

  /** The output head, which a tied checkpoint does not have. */
  public static final String HEAD = "lm_head";

  private ModelModules() {}

  /** The prefix of a layer's modules. */
  public static String layer(int index) {
    return "model.layers." + index + ".";
  }

  /** All modules, in the order in which they act. */
  public static List<ModelModule> of(ModelConfig config) {
    List<ModelModule> modules = new ArrayList<>();
    Shape vocabulary = new Shape(config.vocabularySize(), config.hiddenSize());
    modules.add(new ModelModule(EMBEDDINGS, Kind.EMBEDDING, vocabulary, false));
    for (int i = 0; i < config.layers(); i++) {
      addLayer(modules, config, layer(i));
    }
    modules.add(norm(FINAL_NORM, config));
    if (!config.tied()) {
      modules.add(new ModelModule(HEAD, Kind.HEAD, vocabulary, false));
    }
    return List.copyOf(modules);
  }

  private static void addLayer(List<ModelModule> modules, ModelConfig config, String prefix) {
    int hidden = config.hiddenSize();
    int queries = config.heads() * config.headDim();
    int keys = config.keyValueHeads() * config.headDim();
    int intermediate = config.intermediateSize();
    ModelConfig.Biases biases = config.biases();
    modules.add(norm(prefix + "input_layernorm", config));
    String attention = prefix + "self_attn.";
    modules.add(projection(attention + "q_proj", queries, hidden, biases.queryKeyValue()));
    modules.add(projection(attention + "k_proj", keys, hidden, biases.queryKeyValue()));
    modules.add(projection(attention + "v_proj", keys, hidden, biases.queryKeyValue()));
    modules.add(projection(attention + "o_proj", hidden, queries, biases.output()));
    modules.add(norm(prefix + "post_attention_layernorm", config));
    String mlp = prefix + "mlp.";
    modules.add(projection(mlp + "gate_proj", intermediate, hidden, biases.mlp()));
    modules.add(projection(mlp + "up_proj", intermediate, hidden, biases.mlp()));
    modules.add(projection(mlp + "down_proj", hidden, intermediate, biases.mlp()));
  }

  private static ModelModule norm(String name, ModelConfig config) {
    return new ModelModule(name, Kind.NORM, new Shape(config.hiddenSize()), false);
  }

  private static ModelModule projection(String name, int out, int in, boolean bias) {
    return new ModelModule(name, Kind.PROJECTION, new Shape(out, in), bias);
  }
}
