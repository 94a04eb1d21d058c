package org.longlora4j.core.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How byte-level tokenizers cut a text into words before they merge within these, by the names that
 * llama.cpp has for the ways it knows. A GGUF file holds the name alone.
 */
final class PreTokenizers {
  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|";
  private static final String LETTERS = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
  private static final String REST =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String LLAMA_3 = CONTRACTIONS + LETTERS + "\\p{N}{1,3}" + REST;
  private static final String QWEN_2 = CONTRACTIONS + LETTERS + "\\p{N}" + REST;
  private static final String TEKKEN =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
          + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private PreTokenizers() {}

  /**
   * Llama.cpp's name.
   *
   * @param preTokenizer the entry of tokenizer.json
   * @param ignoreMerges whether a word that is a token is taken without merging, which the name
   *     decides too
   * @return empty if there is none
   */
  static Optional<String> name(JsonNode preTokenizer, boolean ignoreMerges) {
    List<String> steps = new ArrayList<>();
    if (preTokenizer.path("type").asText().equals("Sequence")) {
      preTokenizer.path("pretokenizers").forEach(step -> steps.add(describe(step)));
    } else {
      steps.add(describe(preTokenizer));
    }
    return Optional.ofNullable(
        switch (String.join(" then ", steps) + (ignoreMerges ? " whole" : "")) {
          case "bytes of words" -> "gpt-2";
          case "digits then bytes of words" -> "smollm";
          case LLAMA_3 + " then bytes whole" -> "llama-bpe";
          case LLAMA_3 + " then bytes" -> "smaug-bpe";
          case QWEN_2 + " then bytes" -> "qwen2";
          case TEKKEN + " then bytes whole" -> "tekken";
          default -> null;
        });
  }

  /** Says a step in a few words, the same for equal ones. */
  private static String describe(JsonNode step) {
    boolean prefixed = step.path("add_prefix_space").asBoolean(true);
    return switch (step.path("type").asText()) {
      case "ByteLevel" ->
          (prefixed ? "a blank and " : "")
              + (step.path("use_regex").asBoolean(true) ? "bytes of words" : "bytes");
      case "Digits" -> step.path("individual_digits").asBoolean(false) ? "digits" : step.toString();
      case "Split" ->
          step.path("behavior").asText().equals("Isolated") && !step.path("invert").asBoolean()
              ? step.path("pattern").path("Regex").asText()
              : step.toString();
      default -> step.toString();
    };
  }
}
