package org.longlora4j.core.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A tokenizer whose token for byte {@code b} is {@code b + 2}; its end token is 1. */
final class ByteLevelTokenizer {
  static final int END = 1;

  private ByteLevelTokenizer() {}

  static String json() throws IOException {
    try (InputStream json = ByteLevelTokenizer.class.getResourceAsStream("tokenizer.json")) {
      return new String(json.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Writes a model's directory around it and opens it there. */
  static Tokenizer in(Path model) throws IOException {
    Files.writeString(model.resolve("tokenizer.json"), json());
    Files.writeString(model.resolve("config.json"), "{\"eos_token_id\": 1, \"vocab_size\": 263}");
    return Tokenizer.inDirectory(model).orElseThrow();
  }
}
