package org.longlora4j.core.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.longlora4j.api.plugin.Problems;

/** A tokenizer that takes the likeliest pieces, as T5's: the model {@code t5} of llama.cpp. */
final class Unigrams {
  private final JsonNode tokenizer;
  private final GgufVocabulary vocabulary;

  Unigrams(JsonNode tokenizer, GgufVocabulary vocabulary) {
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
  }

  void describe(GgufMetadata metadata, Problems problems) {
    JsonNode model = tokenizer.path("model");
    if (model.path("byte_fallback").asBoolean()) {
      problems.report("model.byte_fallback", "is true; llama.cpp has none for unigrams");
    }
    String unknown = vocabulary.texts().get(model.path("unk_id").asInt());
    vocabulary.mark(unknown, GgufVocabulary.Kind.UNKNOWN);
    metadata.text("tokenizer.ggml.model", "t5");
    metadata.text("tokenizer.ggml.pre", "default");
    List<Float> scores = new ArrayList<>();
    for (int id = 0; id < vocabulary.texts().size(); id++) {
      scores.add((float) model.path("vocab").path(id).path(1).asDouble());
    }
    metadata.reals("tokenizer.ggml.scores", scores);
    normalizer(metadata, problems);
    blanks(metadata, problems);
  }

  private void normalizer(GgufMetadata metadata, Problems problems) {
    JsonNode normalizer = tokenizer.path("normalizer");
    if (normalizer.path("type").asText().equals("Precompiled")) {
      metadata.octets(
          "tokenizer.ggml.precompiled_charsmap",
          Base64.getDecoder().decode(normalizer.path("precompiled_charsmap").asText()));
    } else if (!normalizer.isMissingNode() && !normalizer.isNull()) {
      problems.report(
          "normalizer",
          "is %s; llama.cpp has none or SentencePiece's own here".formatted(normalizer));
    }
  }

  private void blanks(GgufMetadata metadata, Problems problems) {
    JsonNode cutting = tokenizer.path("pre_tokenizer");
    JsonNode steps = cutting.path("pretokenizers");
    boolean collapses =
        steps.size() == 2 && steps.get(0).path("type").asText().equals("WhitespaceSplit");
    JsonNode metaspace = collapses ? steps.get(1) : cutting;
    if (!metaspace.path("type").asText().equals("Metaspace")) {
      problems.report(
          "pre_tokenizer", "is %s; llama.cpp has Metaspace alone here".formatted(cutting));
    }
    metadata.flag(
        "tokenizer.ggml.add_space_prefix",
        !metaspace.path("prepend_scheme").asText("always").equals("never")
            && metaspace.path("add_prefix_space").asBoolean(true));
    metadata.flag("tokenizer.ggml.remove_extra_whitespaces", collapses);
  }
}
