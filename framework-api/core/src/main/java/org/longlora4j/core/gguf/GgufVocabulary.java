package org.longlora4j.core.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.plugin.Problems;

/**
 * The tokens of a tokenizer.json, one for every row of the model's embeddings, with their kinds.
 */
final class GgufVocabulary {
  /** What llama.cpp does with a token, by the numbers that it writes. */
  enum Kind {
    /** A piece of text. */
    NORMAL(1),
    /** What stands for text that no token does. */
    UNKNOWN(2),
    /** No text: begins, ends, pads. */
    CONTROL(3),
    /** Text that is found before all other. */
    USER_DEFINED(4),
    /** A row of the embeddings that no text leads to. */
    UNUSED(5),
    /** One byte of text that has no token. */
    BYTE(6);

    private final int number;

    Kind(int number) {
      this.number = number;
    }
  }

  private final List<String> texts = new ArrayList<>();
  private final List<Kind> kinds = new ArrayList<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final Set<String> added = new HashSet<>();

  private GgufVocabulary(int size) {
    for (int i = 0; i < size; i++) {
      texts.add("[PAD" + i + "]");
      kinds.add(Kind.UNUSED);
    }
  }

  /**
   * Reads the tokens.
   *
   * @param tokenizer the contents of tokenizer.json
   * @param size how many tokens the model has embeddings for
   * @param problems takes tokens beyond it
   */
  static GgufVocabulary read(JsonNode tokenizer, int size, Problems problems) {
    GgufVocabulary vocabulary = new GgufVocabulary(size);
    JsonNode tokens = tokenizer.path("model").path("vocab");
    if (tokens.isArray()) { // a unigram model lists [token, score] pairs
      for (int id = 0; id < tokens.size(); id++) {
        vocabulary.put(tokens.get(id).path(0).asText(), id, Kind.NORMAL, problems);
      }
    } else {
      tokens
          .properties()
          .forEach(
              token ->
                  vocabulary.put(token.getKey(), token.getValue().asInt(), Kind.NORMAL, problems));
    }
    for (JsonNode token : tokenizer.path("added_tokens")) {
      Kind kind = token.path("special").asBoolean() ? Kind.CONTROL : Kind.USER_DEFINED;
      vocabulary.put(token.path("content").asText(), token.path("id").asInt(), kind, problems);
      vocabulary.added.add(token.path("content").asText());
    }
    return vocabulary;
  }

  private void put(String text, int id, Kind kind, Problems problems) {
    if (id >= texts.size()) {
      problems.report(
          "vocab",
          "token '%s' has the id %d, but the model has embeddings for %d: the tokenizer is not this model's"
              .formatted(text, id, texts.size()));
      return;
    }
    texts.set(id, text);
    kinds.set(id, kind);
    ids.put(text, id);
  }

  /** Says that a token is of another kind, if there is such a token. */
  void mark(String text, Kind kind) {
    id(text).ifPresent(id -> kinds.set(id, kind));
  }

  Optional<Integer> id(String text) {
    return Optional.ofNullable(ids.get(text));
  }

  boolean contains(String text) {
    return ids.containsKey(text);
  }

  /** Whether a token was added to those of the tokenizer's model. */
  boolean isAdded(String text) {
    return added.contains(text);
  }

  /** All texts, by id. */
  List<String> texts() {
    return Collections.unmodifiableList(texts);
  }

  /** The token's kind. */
  Kind kind(int id) {
    return kinds.get(id);
  }

  /** Writes the tokens and their kinds. */
  void write(GgufMetadata metadata) {
    metadata.texts("tokenizer.ggml.tokens", texts);
    metadata.integers(
        "tokenizer.ggml.token_type", kinds.stream().map(kind -> kind.number).toList());
  }
}
