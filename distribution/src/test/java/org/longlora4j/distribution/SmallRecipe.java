package org.longlora4j.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A recipe of built-in parts that trains a tiny Llama on a sentence, within a second. */
final class SmallRecipe {
  private static final Path RESOURCES =
      Path.of("../framework-api/core/src/test/resources").toAbsolutePath().normalize();

  private SmallRecipe() {}

  /** Writes model, text and recipe; the run goes to {@code run} beside them. */
  static Path in(Path directory) throws IOException {
    Path model = Files.createDirectories(directory.resolve("model"));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(RESOURCES.resolve("golden/models/llama").resolve(file), model.resolve(file));
    }
    Files.copy(
        RESOURCES.resolve("org/longlora4j/core/data/tokenizer.json"),
        model.resolve("tokenizer.json"));
    Files.writeString(directory.resolve("text.txt"), "Once upon a time. ".repeat(99));
    return Files.writeString(
        directory.resolve("recipe.yaml"),
        """
        model: model
        output: run
        context: 64
        attention: dense
        adapter: full
        position: none
        quantization: none
        data: { use: text, path: text.txt }
        training: { steps: 2, precision: float32 }
        """);
  }
}
