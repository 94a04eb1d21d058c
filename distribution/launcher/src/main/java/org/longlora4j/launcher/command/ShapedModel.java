package org.longlora4j.launcher.command;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.model.ModelFamilies;
import org.longlora4j.core.model.QuantizedFormats;

/**
 * A model of which only the shapes are looked at.
 *
 * @param name for people
 * @param checkpoint no weight of which is read
 */
record ShapedModel(String name, Checkpoint checkpoint) implements AutoCloseable {
  /** The config.json of meta-llama/Llama-2-7b-hf, as far as shapes depend on it. */
  private static final Map<String, Object> LLAMA_2_7B =
      Map.ofEntries(
          Map.entry("model_type", "llama"),
          Map.entry("vocab_size", 32000),
          Map.entry("hidden_size", 4096),
          Map.entry("intermediate_size", 11008),
          Map.entry("num_hidden_layers", 32),
          Map.entry("num_attention_heads", 32),
          Map.entry("num_key_value_heads", 32),
          Map.entry("max_position_embeddings", 4096),
          Map.entry("rms_norm_eps", 1e-5),
          Map.entry("rope_theta", 10000.0),
          Map.entry("tie_word_embeddings", false),
          Map.entry("torch_dtype", "bfloat16"));

  /** A checkpoint's, or those of a Llama 2 7B. */
  static ShapedModel of(Optional<Path> directory, ModelFamilies families) {
    return directory
        .map(path -> new ShapedModel(path.toString(), open(path, families)))
        .orElseGet(ShapedModel::llama);
  }

  private static Checkpoint open(Path directory, ModelFamilies families) {
    return Checkpoint.open(directory, families, QuantizedFormats.NONE);
  }

  private static ShapedModel llama() {
    ModelConfig config = ModelConfig.of(LLAMA_2_7B, Path.of("Llama 2 7B"), "");
    return new ShapedModel("Llama 2 7B", Checkpoint.random(config, 0, Optional.empty()));
  }

  @Override
  public void close() {
    checkpoint.close();
  }
}
