package org.longlora4j.core.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * @param vocabularySize how many tokens the model has embeddings for, if {@code config.json} says
 */
record TokenizerSettings(
    List<Integer> stopTokens, OptionalInt beginToken, OptionalInt vocabularySize) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Reads what is there of the files in a checkpoint's directory. */
  static TokenizerSettings read(Path model) {
    JsonNode config = json(model.resolve("config.json"));
    JsonNode tokenizerConfig = json(model.resolve("tokenizer_config.json"));
    List<Integer> stopTokens =
        stopTokens(model.resolve("generation_config.json"))
            .or(() -> stopTokens(model.resolve("config.json")))
            .or(() -> namedToken(model, tokenizerConfig, "eos_token").map(List::of))
            .orElse(List.of());
    boolean addsBegin = tokenizerConfig.path("add_bos_token").asBoolean(false);
    OptionalInt beginToken =
        addsBegin
            ? namedToken(model, tokenizerConfig, "bos_token").stream().mapToInt(i -> i).findFirst()
            : OptionalInt.empty();
    JsonNode size = config.path("vocab_size");
    return new TokenizerSettings(
        stopTokens,
        beginToken,
        size.canConvertToInt() ? OptionalInt.of(size.intValue()) : OptionalInt.empty());
  }

  private static JsonNode json(Path file) {
    if (!Files.exists(file)) {
      return JsonNodeFactory.instance.objectNode();
    }
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(file + " is not JSON: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new InvalidInputException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static Optional<List<Integer>> stopTokens(Path file) {
    JsonNode ids = json(file).path("eos_token_id");
    if (ids.isMissingNode() || ids.isNull() || (ids.isArray() && ids.isEmpty())) {
      return Optional.empty();
    }
    List<Integer> tokens = new ArrayList<>();
    for (JsonNode id : ids.isArray() ? ids : JsonNodeFactory.instance.arrayNode().add(ids)) {
      if (!id.isInt() || id.intValue() < 0) {
        throw new InvalidInputException(
            "%s: eos_token_id is %s; it must be a token id or a list of them".formatted(file, ids));
      }
      tokens.add(id.intValue());
    }
    return Optional.of(List.copyOf(tokens));
  }

  /** The id of a token that {@code tokenizer_config.json} names by its text. */
  private static Optional<Integer> namedToken(Path model, JsonNode tokenizerConfig, String key) {
    JsonNode named = tokenizerConfig.path(key);
    JsonNode text = named.isObject() ? named.path("content") : named;
    if (!text.isTextual()) {
      return Optional.empty();
    }
    OptionalInt id = idOf(json(model.resolve("tokenizer.json")), text.textValue());
    if (id.isEmpty()) {
      throw new InvalidInputException(
          "%s: %s is '%s', which tokenizer.json beside it does not have"
              .formatted(model.resolve("tokenizer_config.json"), key, text.textValue()));
    }
    return Optional.of(id.getAsInt());
  }

  private static OptionalInt idOf(JsonNode tokenizer, String token) {
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
