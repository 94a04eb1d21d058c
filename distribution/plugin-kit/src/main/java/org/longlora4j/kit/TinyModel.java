package org.longlora4j.kit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.model.ModelFamilies;
import org.longlora4j.core.tensor.SafetensorsWriter;

/**
 * A checkpoint of random weights and a tokenizer of bytes, small enough to be trained within a
 * test: a Llama of two layers with grouped heads, or what a family's own config.json describes.
 */
final class TinyModel {
  /** What its config.json says is its length. */
  static final int LENGTH = 32;

  /** The token that ends a document. */
  static final int END = 1;

  /** How many tokens it knows. */
  static final int VOCABULARY = 512;

  private static final String CONFIG =
      """
      {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
        "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8,
        "max_position_embeddings": %d, "vocab_size": %d, "rope_theta": 10000.0,
        "rms_norm_eps": 1e-5, "bos_token_id": 0, "eos_token_id": %d,
        "tie_word_embeddings": false, "torch_dtype": "float32"
      }
      """
          .formatted(LENGTH, VOCABULARY, END);

  private TinyModel() {}

  /** Writes the Llama into a directory of its own. */
  static Path writeTo(Path directory) throws IOException {
    return writeTo(directory, CONFIG, ModelFamilies.builtIn());
  }

  /**
   * Writes a checkpoint into a directory of its own.
   *
   * @param config its config.json
   * @param families that it may be of
   */
  static Path writeTo(Path directory, String config, ModelFamilies families) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("config.json"), config);
    writeTokenizer(directory);
    List<ModelModule> modules = ModelConfig.read(directory, families).modules();
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    modules.forEach(
        module -> {
          entries.put(module.name() + ".weight", new TensorEntry(ElementType.F32, module.weight()));
          if (module.bias()) {
            entries.put(
                module.name() + ".bias",
                new TensorEntry(ElementType.F32, module.weight().slice(0, 1)));
          }
        });
    Drawn drawn = new Drawn(11);
    Path file = directory.resolve("model.safetensors");
    try (SafetensorsWriter out = new SafetensorsWriter(file, Map.of("format", "pt"), entries)) {
      for (ModelModule module : modules) {
        out.begin(module.name() + ".weight");
        out.write(numbers(module, drawn));
        if (module.bias()) {
          out.begin(module.name() + ".bias");
          out.write(bytes(drawn.normal(module.weight().get(0), 0.1)));
        }
      }
      out.commit();
    }
    return directory;
  }

  /** Ones for a norm, else small random numbers. */
  private static ByteBuffer numbers(ModelModule module, Drawn drawn) {
    float[] values = drawn.normal(module.weight().size(), 0.1);
    if (module.kind() == ModelModule.Kind.NORM) {
      Arrays.fill(values, 1);
    }
    return bytes(values);
  }

  private static ByteBuffer bytes(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.flip();
  }

  /** Writes a tokenizer whose token for byte {@code b} is {@code b + 2} and whose end is 1. */
  static void writeTokenizer(Path directory) throws IOException {
    try (InputStream json = TinyModel.class.getResourceAsStream("tokenizer.json")) {
      Files.write(directory.resolve("tokenizer.json"), json.readAllBytes());
    }
  }

  /** Its modules, in checkpoint order. */
  static List<ModelModule> modules(Path scratch) {
    try {
      Path directory = Files.createDirectories(scratch.resolve("config"));
      Files.writeString(directory.resolve("config.json"), CONFIG);
      return ModelConfig.read(directory).modules();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
