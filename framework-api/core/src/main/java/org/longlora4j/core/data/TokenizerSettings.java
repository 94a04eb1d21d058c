package org.longlora4j.core.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.longlora4j.api.plugin.InvalidInputException;

/**
 * What the JSON files of a checkpoint say of its tokens, beside {@code tokenizer.json}.
 *
 * @param stopTokens the tokens that end a text, the one to write after a document first; empty if
 *     no file names one
 * @param beginToken the token to put before a prompt, if {@code tokenizer_config.json} wants one
 * @param paddingToken the token that fills rows, if {@code tokenizer_config.json} names one
 * @param vocabularySize how many tokens the model has embeddings for, if {@code config.json} says
 */
record TokenizerSettings(
    List<Integer> stopTokens,
    OptionalInt beginToken,
    OptionalInt paddingToken,
    OptionalInt vocabularySize) {
  private static final String MODEL_CONFIG = "config.json";

  /** Reads what is there of the files in a checkpoint's directory. */
  static TokenizerSettings read(TokenizerFiles files) {
    JsonNode config = files.json(MODEL_CONFIG);
    JsonNode tokenizerConfig = files.json(TokenizerFiles.CONFIG);
    List<Integer> stopTokens =
        stopTokens(files, "generation_config.json")
            .or(() -> stopTokens(files, MODEL_CONFIG))
            .or(() -> namedToken(files, tokenizerConfig, "eos_token").map(List::of))
            .orElse(List.of());
    boolean addsBegin = tokenizerConfig.path("add_bos_token").asBoolean(false);
    OptionalInt beginToken =
        addsBegin ? toInt(namedToken(files, tokenizerConfig, "bos_token")) : OptionalInt.empty();
    JsonNode size = config.path("vocab_size");
    OptionalInt vocabularySize =
        size.canConvertToInt()
            ? OptionalInt.of(Math.max(size.intValue(), files.size()))
            : OptionalInt.empty();
    // Any token will do for padding, so one that the model does not know is no reason to refuse it.
    OptionalInt paddingToken =
        text(tokenizerConfig, "pad_token")
            .map(text -> idOf(files.json(TokenizerFiles.TOKENIZER), text))
            .filter(id -> id.orElse(Integer.MAX_VALUE) < vocabularySize.orElse(Integer.MAX_VALUE))
            .orElse(OptionalInt.empty());
    return new TokenizerSettings(stopTokens, beginToken, paddingToken, vocabularySize);
  }

  private static OptionalInt toInt(Optional<Integer> number) {
    return number.map(OptionalInt::of).orElse(OptionalInt.empty());
  }

  private static Optional<List<Integer>> stopTokens(TokenizerFiles files, String file) {
    JsonNode ids = files.json(file).path("eos_token_id");
    if (ids.isMissingNode() || ids.isNull() || (ids.isArray() && ids.isEmpty())) {
      return Optional.empty();
    }
    List<Integer> tokens = new ArrayList<>();
    for (JsonNode id : ids.isArray() ? ids : JsonNodeFactory.instance.arrayNode().add(ids)) {
      if (!id.isInt() || id.intValue() < 0) {
        throw new InvalidInputException(
            "%s: eos_token_id is %s; it must be a token id or a list of them"
                .formatted(files.path(file), ids));
      }
      tokens.add(id.intValue());
    }
    return Optional.of(List.copyOf(tokens));
  }

  /** The id of a token that {@code tokenizer_config.json} names by its text. */
  private static Optional<Integer> namedToken(
      TokenizerFiles files, JsonNode tokenizerConfig, String key) {
    Optional<String> text = text(tokenizerConfig, key);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    OptionalInt id = idOf(files.json(TokenizerFiles.TOKENIZER), text.get());
    if (id.isEmpty()) {
      throw new InvalidInputException(
          "%s: %s is '%s', which tokenizer.json beside it does not have"
              .formatted(files.path(TokenizerFiles.CONFIG), key, text.get()));
    }
    return Optional.of(id.getAsInt());
  }

  /** The text of a token that {@code tokenizer_config.json} names. */
  static Optional<String> text(JsonNode tokenizerConfig, String key) {
    JsonNode named = tokenizerConfig.path(key);
    JsonNode text = named.isObject() ? named.path("content") : named;
    return text.isTextual() ? Optional.of(text.textValue()) : Optional.empty();
  }

  /** One more than the largest token id. */
  static int size(JsonNode tokenizer) {
    JsonNode vocabulary = tokenizer.path("model").path("vocab");
    int size = vocabulary.isArray() ? vocabulary.size() : 0;
    if (vocabulary.isObject()) {
      for (JsonNode id : vocabulary) {
        size = Math.max(size, id.intValue() + 1);
      }
    }
    for (JsonNode added : tokenizer.path("added_tokens")) {
      size = Math.max(size, added.path("id").intValue() + 1);
    }
    return size;
  }

  /** The id of a token. */
  static OptionalInt idOf(JsonNode tokenizer, String token) {
    for (JsonNode added : tokenizer.path("added_tokens")) {
      if (added.path("content").asText().equals(token)) {
        return OptionalInt.of(added.path("id").intValue());
      }
    }
    JsonNode vocabulary = tokenizer.path("model").path("vocab");
    if (vocabulary.path(token).isInt()) {
      return OptionalInt.of(vocabulary.path(token).intValue());
    }
    if (vocabulary.isArray()) { // a unigram model lists [token, score] pairs
      for (int id = 0; id < vocabulary.size(); id++) {
        if (vocabulary.get(id).path(0).asText().equals(token)) {
          return OptionalInt.of(id);
        }
      }
    }
    return OptionalInt.empty();
  }
}
