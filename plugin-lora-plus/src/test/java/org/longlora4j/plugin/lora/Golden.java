package org.longlora4j.plugin.lora;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ModelModule.Kind;

/** The reference files, and the model that they were computed on. */
final class Golden {
  private Golden() {}

  static Path file(String name) {
    try {
      return Path.of(Golden.class.getResource("/golden/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An adapter_config.json as PEFT saved it. */
  static Map<String, Object> config(String adapter) {
    try {
      return new ObjectMapper()
          .readValue(file(adapter + ".json").toFile(), new TypeReference<Map<String, Object>>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The modules of a Llama of three layers, in checkpoint order. */
  static List<ModelModule> llama() {
    List<ModelModule> modules = new ArrayList<>();
    modules.add(module("model.embed_tokens", Kind.EMBEDDING, 320, 64));
    for (int layer = 0; layer < 3; layer++) {
      String prefix = "model.layers." + layer + ".";
      modules.add(module(prefix + "input_layernorm", Kind.NORM, 64));
      modules.add(module(prefix + "self_attn.q_proj", Kind.PROJECTION, 64, 64));
      modules.add(module(prefix + "self_attn.k_proj", Kind.PROJECTION, 32, 64));
      modules.add(module(prefix + "self_attn.v_proj", Kind.PROJECTION, 32, 64));
      modules.add(module(prefix + "self_attn.o_proj", Kind.PROJECTION, 64, 64));
      modules.add(module(prefix + "post_attention_layernorm", Kind.NORM, 64));
      modules.add(module(prefix + "mlp.gate_proj", Kind.PROJECTION, 176, 64));
      modules.add(module(prefix + "mlp.up_proj", Kind.PROJECTION, 176, 64));
      modules.add(module(prefix + "mlp.down_proj", Kind.PROJECTION, 64, 176));
    }
    modules.add(module("model.norm", Kind.NORM, 64));
    modules.add(module("lm_head", Kind.HEAD, 320, 64));
    return modules;
  }

  /** The modules of a GPT-NeoX of one layer, in checkpoint order. */
  static List<ModelModule> gptNeox() {
    String layer = "gpt_neox.layers.0.";
    return List.of(
        module("gpt_neox.embed_in", Kind.EMBEDDING, 320, 64),
        module(layer + "input_layernorm", Kind.NORM, 64),
        module(layer + "post_attention_layernorm", Kind.NORM, 64),
        module(layer + "attention.query_key_value", Kind.PROJECTION, 192, 64),
        module(layer + "attention.dense", Kind.PROJECTION, 64, 64),
        module(layer + "mlp.dense_h_to_4h", Kind.PROJECTION, 256, 64),
        module(layer + "mlp.dense_4h_to_h", Kind.PROJECTION, 64, 256),
        module("gpt_neox.final_layer_norm", Kind.NORM, 64),
        module("embed_out", Kind.HEAD, 320, 64));
  }

  private static ModelModule module(String name, Kind kind, long... shape) {
    return new ModelModule(name, kind, new Shape(shape), false);
  }
}
