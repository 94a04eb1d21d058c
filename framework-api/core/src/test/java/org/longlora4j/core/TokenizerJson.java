package org.longlora4j.core;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Small tokenizers as tokenizer.json has them, to be changed and written beside a model. */
public final class TokenizerJson {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BYTE_LEVEL =
      "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":true}";

  private final ObjectNode root;

  private TokenizerJson(ObjectNode root) {
    this.root = root;
  }

  /** All bytes as GPT-2 shows them, two merges, {@code <s>} and {@code </s>}. */
  public static TokenizerJson byteLevel() throws IOException {
    TokenizerJson tokenizer = empty("BPE");
    tokenizer.root.set("pre_tokenizer", JSON.readTree(BYTE_LEVEL));
    tokenizer.root.set("decoder", JSON.readTree(BYTE_LEVEL));
    ObjectNode vocabulary = tokenizer.model().putObject("vocab");
    int beyond = 256;
    for (int b = 0; b < 256; b++) {
      boolean shown = (b >= '!' && b <= '~') || (b >= 0xa1 && b != 0xad);
      vocabulary.put(Character.toString(shown ? b : beyond++), b);
    }
    vocabulary.put("th", 256).put("the", 257);
    ArrayNode merges = tokenizer.model().putArray("merges");
    merges.addArray().add("t").add("h");
    merges.addArray().add("th").add("e");
    return tokenizer.add("<s>", 258, true).add("</s>", 259, true).add("<tool>", 260, false);
  }

  /** SentencePiece's kind: bytes for what has no piece, a blank before the text, as Llama's. */
  public static TokenizerJson sentencePieces() {
    TokenizerJson tokenizer = empty("BPE");
    ObjectNode model = tokenizer.model().put("byte_fallback", true).put("unk_token", "<unk>");
    ObjectNode vocabulary = model.put("fuse_unk", true).putObject("vocab");
    List.of("<unk>", "<s>", "</s>").forEach(text -> vocabulary.put(text, vocabulary.size()));
    for (int b = 0; b < 256; b++) {
      vocabulary.put("<0x%02X>".formatted(b), vocabulary.size());
    }
    // In the order in which they are made, but for the single characters.
    for (String piece : List.of("\u2581a", "ab", "\u2581ab", "\u2581", "a", "b")) {
      vocabulary.put(piece, vocabulary.size());
    }
    model.putArray("merges").add("\u2581 a").add("a b").add("\u2581 ab").add("\u2581a b");
    ArrayNode steps =
        tokenizer.root.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
    steps.addObject().put("type", "Prepend").put("prepend", "\u2581");
    ObjectNode replace = steps.addObject().put("type", "Replace").put("content", "\u2581");
    replace.putObject("pattern").put("String", " ");
    return tokenizer.add("<unk>", 0, true).add("<s>", 1, true).add("</s>", 2, true);
  }

  /** Pieces with probabilities. */
  public static TokenizerJson unigrams() {
    TokenizerJson tokenizer = empty("Unigram");
    ArrayNode vocabulary = tokenizer.model().put("unk_id", 0).putArray("vocab");
    List.of("<unk>", "<s>", "</s>").forEach(text -> vocabulary.addArray().add(text).add(0));
    vocabulary.addArray().add("\u2581a").add(-1.5);
    vocabulary.addArray().add("a").add(-2.5);
    tokenizer
        .root
        .putObject("pre_tokenizer")
        .put("type", "Metaspace")
        .put("replacement", "\u2581")
        .put("prepend_scheme", "always");
    return tokenizer.add("<unk>", 0, true).add("<s>", 1, true).add("</s>", 2, true);
  }

  private static TokenizerJson empty(String type) {
    ObjectNode root = JSON.createObjectNode().put("version", "1.0");
    root.putNull("truncation").putNull("padding").putArray("added_tokens");
    root.putNull("normalizer").putNull("pre_tokenizer").putNull("post_processor");
    root.putNull("decoder").putObject("model").put("type", type);
    return new TokenizerJson(root);
  }

  private TokenizerJson add(String text, int id, boolean special) {
    root.withArrayProperty("added_tokens")
        .addObject()
        .put("id", id)
        .put("content", text)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", special);
    return this;
  }

  /** The whole file. */
  public ObjectNode root() {
    return root;
  }

  /** Its model. */
  public ObjectNode model() {
    return (ObjectNode) root.get("model");
  }

  /** Writes it with a tokenizer_config.json that names the special tokens. */
  public void write(Path directory) throws IOException {
    JSON.writeValue(directory.resolve("tokenizer.json").toFile(), root);
    ObjectNode config = JSON.createObjectNode().put("bos_token", "<s>").put("eos_token", "</s>");
    config.put("add_bos_token", true).put("chat_template", "{{ messages }}");
    JSON.writeValue(directory.resolve("tokenizer_config.json").toFile(), config);
  }
}
