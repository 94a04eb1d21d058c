package org.longlora4j.core.model;

import java.util.List;

/** The kinds of decoder that are built from the same parts: Llama's. */
public enum ModelFamily {
  /** Llama, Llama 2, Llama 3 and their kin. */
  LLAMA("llama", "LlamaForCausalLM"),
  /** Mistral: Llama with an optional sliding window. */
  MISTRAL("mistral", "MistralForCausalLM"),
  /** Qwen2: Llama with biases on query, key and value. */
  QWEN2("qwen2", "Qwen2ForCausalLM");

  private final String modelType;
  private final String architecture;

  ModelFamily(String modelType, String architecture) {
    this.modelType = modelType;
    this.architecture = architecture;
  }

  /** The {@code model_type} of config.json. */
  public String modelType() {
    return modelType;
  }

  /** The entry of {@code architectures} in config.json. */
  public String architecture() {
    return architecture;
  }

  static List<String> modelTypes() {
    return List.of(values()).stream().map(ModelFamily::modelType).toList();
  }
}
