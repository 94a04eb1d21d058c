package org.longlora4j.core.data;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.tensor.AtomicFile;

/**
 * The files of a tokenizer, as they stand in a directory or with tokens added to them, as
 * transformers' {@code add_special_tokens} and {@code save_pretrained} do.
 */
public final class TokenizerFiles {
  /** What a tokenizer may consist of. */
  public static final List<String> NAMES =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "tokenizer.model",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "merges.txt",
          "chat_template.jinja",
          "chat_template.json");

  static final String TOKENIZER = "tokenizer.json";
  static final String CONFIG = "tokenizer_config.json";
  private static final String SPECIAL = "special_tokens_map.json";
  private static final String ADDED = "added_tokens.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final Map<String, JsonNode> changed = new LinkedHashMap<>();
  private OptionalInt padding = OptionalInt.empty();
  private int size;

  private TokenizerFiles(Path directory) {
    this.directory = directory;
  }

  /**
   * The files of a directory.
   *
   * @param directory a checkpoint's or a run's
   * @return empty if it has no {@code tokenizer.json}
   */
  static Optional<TokenizerFiles> in(Path directory) {
    return Files.exists(directory.resolve(TOKENIZER))
        ? Optional.of(new TokenizerFiles(directory))
        : Optional.empty();
  }

  /**
   * The files of a directory with tokens added.
   *
   * @param directory a checkpoint's or a run's
   * @param added what to add; a token that is there already keeps its id
   * @return empty if there is nothing to add and no {@code tokenizer.json}
   * @throws InvalidInputException if there is no {@code tokenizer.json} to add to
   */
  public static Optional<TokenizerFiles> in(Path directory, Optional<AddedTokens> added) {
    Optional<TokenizerFiles> files = in(directory);
    if (added.isPresent() && files.isEmpty()) {
      throw new InvalidInputException(
          "%s has no %s, which model.add-tokens adds to.".formatted(directory, TOKENIZER));
    }
    added.ifPresent(tokens -> files.get().add(tokens));
    return files;
  }

  private void add(AddedTokens added) {
    ObjectNode tokenizer = object(TOKENIZER);
    ObjectNode config = object(CONFIG);
    size = TokenizerSettings.size(tokenizer);
    for (String text : added.all()) {
      if (TokenizerSettings.idOf(tokenizer, text).isEmpty()) {
        ObjectNode token = token(text);
        config.withObjectProperty("added_tokens_decoder").set(Integer.toString(size), token);
        ObjectNode entry = JSON.createObjectNode().put("id", size);
        tokenizer.withArrayProperty("added_tokens").add(entry.setAll(token));
        if (exists(ADDED)) {
          object(ADDED).put(text, size);
        }
        size++;
      }
    }
    nameSpecial(config, added);
    if (exists(SPECIAL)) {
      nameSpecial(object(SPECIAL), added);
    }
    padding = added.pad().map(pad -> TokenizerSettings.idOf(tokenizer, pad)).orElse(padding);
  }

  private static ObjectNode token(String text) {
    return JSON.createObjectNode()
        .put("content", text)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", true);
  }

  private static void nameSpecial(ObjectNode file, AddedTokens added) {
    added.pad().ifPresent(pad -> file.put("pad_token", pad));
    if (!added.special().isEmpty()) {
      ArrayNode special = file.withArrayProperty("additional_special_tokens");
      added.special().forEach(special::add);
    }
  }

  /** A file that is to be changed. */
  private ObjectNode object(String name) {
    return (ObjectNode) changed.computeIfAbsent(name, n -> json(n).deepCopy());
  }

  /** Whether tokens were added, or named for a purpose. */
  public boolean isChanged() {
    return !changed.isEmpty();
  }

  /** How many token ids there are, if tokens were added. */
  public int size() {
    return size;
  }

  /** The padding token that was added, if there is one. */
  public OptionalInt padding() {
    return padding;
  }

  /** Where a file is, for messages. */
  Path path(String name) {
    return directory.resolve(name);
  }

  /** The directory. */
  Path directory() {
    return directory;
  }

  boolean exists(String name) {
    return changed.containsKey(name) || Files.exists(path(name));
  }

  /** Reads a JSON file; an empty object if it is not there. */
  JsonNode json(String name) {
    if (changed.containsKey(name)) {
      return changed.get(name);
    }
    Path file = path(name);
    if (!Files.exists(file)) {
      return JsonNodeFactory.instance.objectNode();
    }
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(file + " is not JSON: " + e.getMessage(), e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The bytes of a file that is there. */
  byte[] bytes(String name) {
    try {
      return changed.containsKey(name)
          ? JSON.writeValueAsBytes(changed.get(name))
          : Files.readAllBytes(path(name));
    } catch (IOException e) {
      throw unreadable(path(name), e);
    }
  }

  private static InvalidInputException unreadable(Path file, IOException e) {
    return new InvalidInputException(file + " cannot be read: " + e.getMessage(), e);
  }

  /**
   * Writes all files of the tokenizer, over those that are there.
   *
   * @throws IOException if the disk does not take them
   */
  public void write(Path target) throws IOException {
    for (String name : NAMES) {
      if (changed.containsKey(name)) {
        AtomicFile.write(
            target.resolve(name),
            JSON.writerWithDefaultPrettyPrinter().writeValueAsString(changed.get(name)) + "\n");
      } else if (Files.isRegularFile(path(name))) {
        Files.copy(path(name), target.resolve(name), REPLACE_EXISTING);
      }
    }
  }
}
