package org.longlora4j.core.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.plugin.Problems;

/** A tokenizer that merges the bytes of words, as GPT-2's: the model {@code gpt2} of llama.cpp. */
final class ByteLevel {
  private final JsonNode tokenizer;

  ByteLevel(JsonNode tokenizer) {
    this.tokenizer = tokenizer;
  }

  void describe(GgufMetadata metadata, Problems problems, List<String> notes) {
    JsonNode model = tokenizer.path("model");
    JsonNode normalizer = tokenizer.path("normalizer");
    if (normalizer.path("type").asText().equals("NFC")) {
      notes.add(
          "the tokenizer composes characters (NFC) and llama.cpp does not: give it composed text");
    } else if (!normalizer.isMissingNode() && !normalizer.isNull()) {
      problems.report("normalizer", "is %s; llama.cpp has none here".formatted(normalizer));
    }
    for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
      if (!model.path(affix).asText("").isEmpty()) {
        problems.report("model." + affix, "is there; llama.cpp has no such thing");
      }
    }
    Optional<String> name =
        PreTokenizers.name(
            tokenizer.path("pre_tokenizer"), model.path("ignore_merges").asBoolean());
    if (name.isEmpty()) {
      problems.report(
          "pre_tokenizer",
          "llama.cpp has no name for this way of cutting words: %s"
              .formatted(tokenizer.path("pre_tokenizer")));
    }
    metadata.text("tokenizer.ggml.model", "gpt2");
    name.ifPresent(known -> metadata.text("tokenizer.ggml.pre", known));
    metadata.texts("tokenizer.ggml.merges", merges());
  }

  private List<String> merges() {
    List<String> merges = new ArrayList<>();
    for (JsonNode merge : tokenizer.path("model").path("merges")) {
      merges.add(
          merge.isArray() ? merge.path(0).asText() + " " + merge.path(1).asText() : merge.asText());
    }
    return merges;
  }
}
