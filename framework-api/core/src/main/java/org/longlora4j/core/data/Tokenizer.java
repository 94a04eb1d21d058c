package org.longlora4j.core.data;

import static java.util.Objects.requireNonNull;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.data.ChatMessage;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.plugin.InvalidInputException;

/**
 * The tokenizer of a Hugging Face checkpoint, as its {@code tokenizer.json} defines it.
 *
 * <p>It never cuts or pads, whatever the file says: that is for whoever packs the tokens. It needs
 * no network.
 */
public final class Tokenizer implements AutoCloseable {
  private static final Map<String, String> NEITHER_CUT_NOR_PAD =
      Map.of("truncation", "false", "padding", "false");

  private final TokenizerFiles files;
  private final HuggingFaceTokenizer tokenizer;
  private final TokenizerSettings settings;
  private Optional<ChatTemplate> chatTemplate = Optional.empty();

  private Tokenizer(
      TokenizerFiles files, HuggingFaceTokenizer tokenizer, TokenizerSettings settings) {
    this.files = files;
    this.tokenizer = tokenizer;
    this.settings = settings;
  }

  /**
   * Opens the tokenizer of a checkpoint.
   *
   * @param model the checkpoint's directory
   * @return empty if it has no {@code tokenizer.json}
   * @throws InvalidInputException if {@code tokenizer.json}, or what a JSON file beside it says of
   *     the tokens, cannot be read; the message names the file
   */
  public static Optional<Tokenizer> inDirectory(Path model) {
    requireNonNull(model, "model is null");
    return TokenizerFiles.in(model).map(Tokenizer::of);
  }

  /** Whether a directory has a {@code tokenizer.json}. */
  public static boolean isIn(Path directory) {
    return TokenizerFiles.in(directory).isPresent();
  }

  /**
   * Opens a tokenizer.
   *
   * @param files what it consists of
   * @throws InvalidInputException as {@link #inDirectory} does
   */
  public static Tokenizer of(TokenizerFiles files) {
    TokenizerSettings settings = TokenizerSettings.read(files);
    return new Tokenizer(files, open(files), settings);
  }

  private static HuggingFaceTokenizer open(TokenizerFiles files) {
    Path file = files.path(TokenizerFiles.TOKENIZER);
    // Off line DJL does as much by itself. But a user may let it fetch CUDA natives, and that must
    // not make it report home, nor fetch a tokenizer library for the GPU, which would do no more.
    System.setProperty("OPT_OUT_TRACKING", System.getProperty("OPT_OUT_TRACKING", "true"));
    System.setProperty("RUST_FLAVOR", System.getProperty("RUST_FLAVOR", "cpu"));
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // DJL looks for its native library through the thread's loader, which may be a plugin's.
    thread.setContextClassLoader(HuggingFaceTokenizer.class.getClassLoader());
    try {
      InputStream json = new ByteArrayInputStream(files.bytes(TokenizerFiles.TOKENIZER));
      return HuggingFaceTokenizer.newInstance(json, NEITHER_CUT_NOR_PAD);
    } catch (InvalidInputException e) {
      throw e;
    } catch (IOException e) {
      throw new InvalidInputException(file + " cannot be read: " + e.getMessage(), e);
    } catch (RuntimeException e) { // the native library's errors have no type of their own
      throw new InvalidInputException(file + " is no tokenizer: " + e.getMessage(), e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /**
   * Turns text into tokens, without any special token around them.
   *
   * @param text a document or a piece of one
   * @return token ids
   * @throws InvalidInputException if a token lies beyond the model's vocabulary
   */
  public int[] encode(String text) {
    return encode(text, false);
  }

  /**
   * Turns text into the tokens that a model is prompted with: those of {@link #encode} and the
   * special tokens that the tokenizer puts around them, such as the one that begins a text. Where
   * {@code tokenizer_config.json} sets {@code add_bos_token} and the tokenizer itself does not put
   * that token there, it is put there too.
   *
   * @param text the prompt
   * @return token ids
   * @throws InvalidInputException if a token lies beyond the model's vocabulary
   */
  public int[] encodePrompt(String text) {
    return begun(new MarkedText(text, List.of())).tokens();
  }

  /** Encodes as {@link #encodePrompt} does. */
  private MarkedTokens begun(MarkedText text) {
    MarkedTokens tokens = encode(text, true);
    if (settings.beginToken().isEmpty() || tokens.startsWith(settings.beginToken().getAsInt())) {
      return tokens;
    }
    int begin = inVocabulary(settings.beginToken().getAsInt());
    return MarkedTokens.of(begin, false).then(tokens);
  }

  /**
   * Turns prompts and answers into tokens, each exchange by itself, with the end token after each
   * answer. A token counts as the answer's if any of its characters is.
   */
  MarkedTokens encode(Document.Dialogue dialogue) {
    int end = endToken();
    MarkedTokens all = MarkedTokens.NONE;
    for (Document.Exchange exchange : dialogue.exchanges()) {
      int prompt = exchange.prompt().length();
      String text = exchange.prompt() + exchange.answer();
      MarkedText marked = new MarkedText(text, List.of(new MarkedText.Part(prompt, text.length())));
      boolean begins = dialogue.eachBegins() || all.tokens().length == 0;
      // What the tokenizer itself puts around a text may have the end token, too.
      all = all.then(begins ? begun(marked).withoutLast(end) : encode(marked, false));
      all = all.then(MarkedTokens.of(end, true));
    }
    return all;
  }

  /** Turns a conversation into tokens as the chat template says, special tokens included. */
  MarkedTokens encode(Document.Conversation conversation) {
    return encode(chatTemplate().render(conversation.messages(), conversation.origin()), false);
  }

  /** Whether there is a chat template, which {@link #encodeChat} needs. */
  public boolean hasChatTemplate() {
    return ChatTemplate.isIn(files);
  }

  /**
   * Turns what was said so far into the tokens that a model continues with its answer, as the chat
   * template says, special tokens included.
   *
   * @param messages at least one
   * @throws InvalidInputException if there is no chat template, or it refuses the messages
   */
  public int[] encodeChat(List<ChatMessage> messages) {
    return encode(chatTemplate().prompt(messages), false);
  }

  private ChatTemplate chatTemplate() {
    if (chatTemplate.isEmpty()) {
      chatTemplate = Optional.of(ChatTemplate.in(files));
    }
    return chatTemplate.get();
  }

  private int[] encode(String text, boolean specialTokens) {
    return encode(new MarkedText(text, List.of()), specialTokens).tokens();
  }

  /** Fetches what is needed alone: DJL's own encode copies all, an array of strings too. */
  private MarkedTokens encode(MarkedText text, boolean specialTokens) {
    TokenizersLibrary library = TokenizersLibrary.LIB;
    long encoding = library.encode(tokenizer.getHandle(), text.text(), specialTokens);
    long[] ids;
    boolean[] learned;
    try {
      ids = library.getTokenIds(encoding);
      learned =
          text.learned().isEmpty()
              ? new boolean[ids.length]
              : learned(library.getTokenCharSpans(encoding), text);
    } finally {
      library.deleteEncoding(encoding);
    }
    int[] tokens = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      tokens[i] = inVocabulary(Math.toIntExact(ids[i]));
    }
    return new MarkedTokens(tokens, learned);
  }

  /** The tokens that have a character of a learned part. Spans count code points, not UTF-16. */
  private static boolean[] learned(CharSpan[] spans, MarkedText text) {
    BitSet characters = new BitSet();
    for (MarkedText.Part part : text.learned()) {
      int begin = text.text().codePointCount(0, part.begin());
      characters.set(begin, begin + text.text().codePointCount(part.begin(), part.end()));
    }
    boolean[] learned = new boolean[spans.length];
    for (int i = 0; i < spans.length; i++) {
      if (spans[i] != null) { // a special token put around the text comes from no character
        int end = spans[i].getEnd();
        // Some tokenizers trim blanks off a span, and leave of a blank the place after it.
        int begin = Math.max(0, Math.min(spans[i].getStart(), end - 1));
        int first = characters.nextSetBit(begin);
        learned[i] = first >= 0 && first < end;
      }
    }
    return learned;
  }

  /**
   * Tokens and what they stand for.
   *
   * @param tokens token ids
   * @param bytes for each of them, how many bytes of the text in UTF-8 it stands for
   */
  @SuppressWarnings("ArrayRecordComponent") // long vectors that nobody compares
  public record MeasuredText(int[] tokens, int[] bytes) {}

  /**
   * Turns text into tokens as {@link #encode} does, and tells how much of it each stands for. Of
   * several tokens that make up one character, the first stands for it; characters that no token
   * shows belong to the next token, or to the last. So the bytes of all tokens are those of the
   * text.
   *
   * @param text a document or a piece of one
   * @throws InvalidInputException if a token lies beyond the model's vocabulary
   */
  public MeasuredText encodeMeasured(String text) {
    TokenizersLibrary library = TokenizersLibrary.LIB;
    long encoding = library.encode(tokenizer.getHandle(), text, false);
    try {
      long[] ids = library.getTokenIds(encoding);
      CharSpan[] spans = library.getTokenCharSpans(encoding); // in code points
      int[] bytesBefore = bytesBefore(text);
      int[] tokens = new int[ids.length];
      int[] bytes = new int[ids.length];
      int reached = 0;
      for (int i = 0; i < ids.length; i++) {
        tokens[i] = inVocabulary(Math.toIntExact(ids[i]));
        int end = i == ids.length - 1 ? bytesBefore.length - 1 : end(spans[i], reached);
        int now = Math.max(reached, end);
        bytes[i] = bytesBefore[now] - bytesBefore[reached];
        reached = now;
      }
      return new MeasuredText(tokens, bytes);
    } finally {
      library.deleteEncoding(encoding);
    }
  }

  /** The library knows no place of a token that stands for no text. */
  private static int end(CharSpan span, int otherwise) {
    return span == null ? otherwise : span.getEnd();
  }

  /** For every code point, and for the end, the bytes of UTF-8 before it. */
  private static int[] bytesBefore(String text) {
    int[] before = new int[text.codePointCount(0, text.length()) + 1];
    int at = 0;
    for (int i = 1; i < before.length; i++) {
      int codePoint = text.codePointAt(at);
      at += Character.charCount(codePoint);
      before[i] = before[i - 1] + bytes(codePoint);
    }
    return before;
  }

  private static int bytes(int codePoint) {
    if (codePoint < 0x80) {
      return 1;
    }
    if (codePoint < 0x800) {
      return 2;
    }
    return codePoint < 0x10000 ? 3 : 4;
  }

  private int inVocabulary(int token) {
    if (token >= settings.vocabularySize().orElse(Integer.MAX_VALUE)) {
      throw new InvalidInputException(
          ("%s gives token %d, but config.json beside it has vocab_size %d: the tokenizer is not"
                  + " this model's, or tokens were added to it and not to the model")
              .formatted(
                  files.path(TokenizerFiles.TOKENIZER),
                  token,
                  settings.vocabularySize().getAsInt()));
    }
    return token;
  }

  /**
   * Turns tokens into text.
   *
   * @param tokens token ids
   * @return the text, without special tokens
   */
  public String decode(int[] tokens) {
    return tokenizer.decode(Arrays.stream(tokens).asLongStream().toArray(), true);
  }

  /**
   * Turns tokens into text that shows special tokens too.
   *
   * @param tokens token ids
   */
  public String show(int[] tokens) {
    return tokenizer.decode(Arrays.stream(tokens).asLongStream().toArray(), false);
  }

  /**
   * The token that fills rows: {@code pad_token} of {@code tokenizer_config.json}, or else the end
   * token. It is neither attended to nor counted in a loss.
   */
  int paddingToken() {
    return settings.paddingToken().isPresent()
        ? inVocabulary(settings.paddingToken().getAsInt())
        : endToken();
  }

  /**
   * The token that ends a document: the first of {@link #stopTokens}.
   *
   * @throws InvalidInputException if the checkpoint names none
   */
  public int endToken() {
    if (settings.stopTokens().isEmpty()) {
      throw new InvalidInputException(
          files.directory()
              + " names no end token: give eos_token_id in its config.json, or eos_token in its"
              + " tokenizer_config.json");
    }
    return inVocabulary(settings.stopTokens().get(0));
  }

  /**
   * The tokens at which generation stops: {@code eos_token_id} of {@code generation_config.json},
   * or else of {@code config.json}, or else the {@code eos_token} of {@code tokenizer_config.json}.
   *
   * @return empty if the checkpoint names none
   */
  public List<Integer> stopTokens() {
    return settings.stopTokens();
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
