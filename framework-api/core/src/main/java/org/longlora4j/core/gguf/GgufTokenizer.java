package org.longlora4j.core.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.model.JsonFile;

/**
 * Tells a checkpoint's tokenizer in llama.cpp's words: byte-level BPE as {@code gpt2},
 * SentencePiece BPE as {@code llama}, unigrams as {@code t5}.
 */
final class GgufTokenizer {
  private static final String PREFIX = "tokenizer.ggml.";
  private static final List<String> END_KEYS =
      List.of("eos_token_id", "eot_token_id", "eom_token_id");

  private final Path directory;
  private final Tokenizer tokenizer;
  private final JsonNode json;
  private final JsonNode config;
  private final JsonNode modelConfig;

  /**
   * Reads what is to be told.
   *
   * @param directory holds tokenizer.json
   * @param tokenizer the same, open
   * @param modelConfig the model's config.json
   */
  GgufTokenizer(Path directory, Tokenizer tokenizer, JsonNode modelConfig) {
    this.directory = directory;
    this.tokenizer = tokenizer;
    this.modelConfig = modelConfig;
    json = JsonFile.read(directory.resolve("tokenizer.json"));
    Path beside = directory.resolve("tokenizer_config.json");
    config = Files.exists(beside) ? JsonFile.read(beside) : JsonNodeFactory.instance.objectNode();
  }

  /**
   * Tells it.
   *
   * @param metadata takes the keys
   * @param vocabularySize how many tokens the model has embeddings for
   * @param problems takes what cannot be told, by the keys of tokenizer.json
   * @param notes takes what the user should know
   */
  void describe(GgufMetadata metadata, int vocabularySize, Problems problems, List<String> notes) {
    GgufVocabulary vocabulary = GgufVocabulary.read(json, vocabularySize, problems);
    JsonNode model = json.path("model");
    String unknown = model.path("unk_token").asText(named("unk_token").orElse(""));
    boolean byteFallback = model.path("byte_fallback").asBoolean();
    switch (model.path("type").asText()) {
      case "BPE" -> {
        if (byteFallback) {
          new SentencePieces(json, vocabulary).describe(metadata, unknown, problems, notes);
        } else {
          new ByteLevel(json).describe(metadata, problems, notes);
        }
      }
      case "Unigram" -> new Unigrams(json, vocabulary).describe(metadata, problems);
      default ->
          problems.report(
              "model.type",
              "is '%s', must be BPE or Unigram, the kinds that llama.cpp has for such models"
                  .formatted(model.path("type").asText()));
    }
    vocabulary.write(metadata);
    special(metadata, vocabulary, problems, notes);
    vocabulary.id(unknown).ifPresent(id -> metadata.count(PREFIX + "unknown_token_id", id));
    chatTemplate().ifPresent(template -> metadata.text("tokenizer.chat_template", template));
  }

  private void special(
      GgufMetadata metadata, GgufVocabulary vocabulary, Problems problems, List<String> notes) {
    List<Integer> ends = new ArrayList<>();
    named("eos_token").flatMap(vocabulary::id).ifPresent(ends::add);
    tokenizer.stopTokens().stream().filter(id -> !ends.contains(id)).forEach(ends::add);
    if (ends.isEmpty()) {
      problems.report(
          "",
          "no end token is named: give eos_token in tokenizer_config.json or eos_token_id in config.json");
      return;
    }
    for (int i = 0; i < Math.min(ends.size(), END_KEYS.size()); i++) {
      metadata.count(PREFIX + END_KEYS.get(i), ends.get(i));
    }
    if (ends.size() > END_KEYS.size()) {
      notes.add(
          "a GGUF file names three end tokens; left out are "
              + ends.subList(END_KEYS.size(), ends.size()));
    }
    Optional<Integer> begin =
        named("bos_token").flatMap(vocabulary::id).or(() -> id(modelConfig, "bos_token_id"));
    metadata.count(PREFIX + "bos_token_id", begin.orElse(ends.get(0)));
    named("pad_token")
        .flatMap(vocabulary::id)
        .ifPresent(id -> metadata.count(PREFIX + "padding_token_id", id));
    around(metadata, begin, ends.get(0), problems);
  }

  /** What the tokenizer puts around a prompt, found by encoding one. */
  private void around(GgufMetadata metadata, Optional<Integer> begin, int end, Problems problems) {
    List<Integer> plain = boxed(tokenizer.encode("a"));
    List<Integer> prompt = boxed(tokenizer.encodePrompt("a"));
    boolean begun = begin.isPresent() && prompt.get(0).equals(begin.get());
    boolean ended = prompt.size() > 1 && prompt.get(prompt.size() - 1) == end;
    List<Integer> expected = new ArrayList<>(plain);
    if (begun) {
      expected.add(0, begin.get());
    }
    if (ended) {
      expected.add(end);
    }
    if (!prompt.equals(expected)) {
      problems.report(
          "post_processor",
          "makes %s of the tokens %s; llama.cpp can put the begin token before and the end token behind, and no other"
              .formatted(prompt, plain));
    }
    metadata.flag(PREFIX + "add_bos_token", begun);
    metadata.flag(PREFIX + "add_eos_token", ended);
  }

  private static List<Integer> boxed(int[] tokens) {
    return Arrays.stream(tokens).boxed().toList();
  }

  /** A token that tokenizer_config.json names by its text. */
  private Optional<String> named(String key) {
    JsonNode token = config.path(key);
    JsonNode text = token.isObject() ? token.path("content") : token;
    return text.isTextual() ? Optional.of(text.textValue()) : Optional.empty();
  }

  private static Optional<Integer> id(JsonNode json, String key) {
    return json.path(key).isInt() ? Optional.of(json.path(key).intValue()) : Optional.empty();
  }

  private Optional<String> chatTemplate() {
    Path file = directory.resolve("chat_template.jinja");
    if (Files.exists(file)) {
      try {
        return Optional.of(Files.readString(file));
      } catch (IOException e) {
        throw new UncheckedIOException(file + " cannot be read", e);
      }
    }
    JsonNode inConfig = config.path("chat_template");
    return inConfig.isTextual() ? Optional.of(inConfig.textValue()) : Optional.empty();
  }
}
