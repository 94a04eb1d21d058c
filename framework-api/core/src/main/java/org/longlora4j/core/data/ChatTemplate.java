package org.longlora4j.core.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.lib.tag.Tag;
import com.hubspot.jinjava.tree.Node;
import com.hubspot.jinjava.tree.TagNode;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.longlora4j.api.data.ChatMessage;
import org.longlora4j.api.plugin.InvalidInputException;

/**
 * The chat template of a tokenizer: a Jinja template that turns messages into text, as
 * transformers' {@code apply_chat_template} does.
 *
 * <p>It stands in {@code chat_template.jinja}, or under {@code chat_template} in {@code
 * tokenizer_config.json}, where of several the one named {@code default} is taken. Jinjava carries
 * it out, which knows most of Jinja but not all of Python: a template that it cannot carry out, or
 * that leaves a message out, is refused and not guessed at.
 *
 * <p>What is learned is what stands between the template's <code>{% generation %}</code> marks.
 * Where it has none, it is what each of the assistant's messages adds to the text that the template
 * makes of the messages before it, when it is told to prompt for an answer.
 */
final class ChatTemplate {
  private static final String FILE = "chat_template.jinja";
  private static final List<String> SPECIAL_TOKENS =
      List.of("bos_token", "eos_token", "pad_token", "unk_token");

  private final String origin;
  private final String template;
  private final Map<String, String> specialTokens;
  private final Jinjava jinja;

  private ChatTemplate(String origin, String template, Map<String, String> specialTokens) {
    this.origin = origin;
    this.template = JinjaWhitespace.resolve(withoutLastNewline(template));
    this.specialTokens = specialTokens;
    this.jinja =
        new Jinjava(
            JinjavaConfig.newBuilder()
                .withNestedInterpretationEnabled(false)
                .withLegacyOverrides(
                    LegacyOverrides.newBuilder()
                        .withEvaluateMapKeys(true)
                        .withIterateOverMapKeys(true)
                        .withUsePyishObjectMapper(true)
                        .withUseNaturalOperatorPrecedence(true)
                        .build())
                .build());
    jinja
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition("", "raise_exception", Refusal.class, "raise", String.class));
    jinja.getGlobalContext().registerTag(new Generation());
  }

  /** Jinja takes one newline off a template's end. */
  private static String withoutLastNewline(String template) {
    return template.endsWith("\n") ? template.substring(0, template.length() - 1) : template;
  }

  /** Whether a tokenizer has one. */
  static boolean isIn(TokenizerFiles files) {
    return files.exists(FILE)
        || inConfig(files.json(TokenizerFiles.CONFIG).path("chat_template")).isPresent();
  }

  /**
   * Reads a template.
   *
   * @param files the tokenizer's
   * @throws InvalidInputException if there is none, or it cannot be read
   */
  static ChatTemplate in(TokenizerFiles files) {
    JsonNode config = files.json(TokenizerFiles.CONFIG);
    Map<String, String> specialTokens = new HashMap<>();
    for (String name : SPECIAL_TOKENS) {
      TokenizerSettings.text(config, name).ifPresent(text -> specialTokens.put(name, text));
    }
    if (files.exists(FILE)) {
      String template = new String(files.bytes(FILE), StandardCharsets.UTF_8);
      return of(files.path(FILE).toString(), template, specialTokens);
    }
    return of(
        files.path(TokenizerFiles.CONFIG) + ": chat_template",
        inConfig(config.path("chat_template"))
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        ("%s has no chat template: neither %s nor chat_template in %s. Choose"
                                + " another prompt template in the data source's options.")
                            .formatted(files.directory(), FILE, TokenizerFiles.CONFIG))),
        specialTokens);
  }

  private static Optional<String> inConfig(JsonNode node) {
    if (node.isArray()) {
      for (JsonNode named : node) {
        if (named.path("name").asText().equals("default")) {
          return Optional.of(named.path("template").asText());
        }
      }
    }
    return node.isTextual() ? Optional.of(node.textValue()) : Optional.empty();
  }

  static ChatTemplate of(String origin, String template, Map<String, String> specialTokens) {
    try {
      return new ChatTemplate(origin, template, specialTokens);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(origin + ": " + e.getMessage(), e);
    }
  }

  /**
   * The text that a model continues with an answer.
   *
   * @param messages what was said so far
   */
  String prompt(List<ChatMessage> messages) {
    return render(messages, true).replaceAll("[" + Generation.BEGIN + Generation.END + "]", "");
  }

  /**
   * The text of a conversation, with what the assistant says marked.
   *
   * @param conversation what was said
   * @param where it comes from, for messages
   */
  MarkedText render(List<ChatMessage> conversation, String where) {
    String text = render(conversation, false);
    requireContents(text, conversation, where);
    return text.indexOf(Generation.BEGIN) >= 0
        ? Generation.marked(text)
        : new MarkedText(text, answers(text, conversation, where));
  }

  private List<MarkedText.Part> answers(String text, List<ChatMessage> conversation, String where) {
    List<MarkedText.Part> parts = new ArrayList<>();
    for (int i = 0; i < conversation.size(); i++) {
      if (conversation.get(i).isAssistants()) {
        String before = render(conversation.subList(0, i), true);
        String through = render(conversation.subList(0, i + 1), false);
        if (!text.startsWith(through) || !through.startsWith(before)) {
          throw new InvalidInputException(
              ("%s: message %d of %s cannot be told from those before it: the template words them"
                      + " differently once there is an answer. Put {%% generation %%} and"
                      + " {%% endgeneration %%} around what the assistant says in it, or choose"
                      + " another prompt template.")
                  .formatted(origin, i, where));
        }
        int end = through.stripTrailing().length();
        parts.add(new MarkedText.Part(before.length(), Math.max(before.length(), end)));
      }
    }
    return parts;
  }

  private void requireContents(String text, List<ChatMessage> conversation, String where) {
    int at = 0;
    for (int i = 0; i < conversation.size(); i++) {
      String content = conversation.get(i).content().strip();
      int found = text.indexOf(content, at);
      if (found < 0) {
        throw new InvalidInputException(
            ("%s leaves out what message %d of %s, the %s's, says. Choose another prompt template,"
                    + " or leave such messages out.")
                .formatted(origin, i, where, conversation.get(i).role()));
      }
      at = found + content.length();
    }
  }

  private String render(List<ChatMessage> messages, boolean promptForAnswer) {
    Map<String, Object> bindings = new HashMap<>(specialTokens);
    bindings.put(
        "messages",
        messages.stream()
            .map(message -> Map.of("role", message.role(), "content", message.content()))
            .toList());
    bindings.put("add_generation_prompt", promptForAnswer);
    RenderResult result = jinja.renderForResult(template, bindings);
    if (result.hasErrors()) {
      TemplateError error = result.getErrors().get(0);
      Optional<String> refusal = Refusal.in(error.getException());
      if (refusal.isPresent()) {
        throw new InvalidInputException(
            "%s refuses a conversation: %s".formatted(origin, refusal.get()));
      }
      throw new InvalidInputException(
          ("%s cannot be carried out: %s. Templates are read as Jinjava reads them, which lacks some"
                  + " of Python; choose another prompt template.")
              .formatted(origin, error.getMessage()));
    }
    return result.getOutput();
  }

  /** What a template refuses a conversation by. */
  public static final class Refusal extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private Refusal(String message) {
      super(message);
    }

    /** The template's words, if it is a refusal that an exception goes back to. */
    static Optional<String> in(Throwable exception) {
      return Stream.iterate(exception, Objects::nonNull, Throwable::getCause)
          .filter(Refusal.class::isInstance)
          .map(Throwable::getMessage)
          .findFirst();
    }

    /** Gives up with the template's own words. */
    @SuppressWarnings("DoNotCallSuggester") // a template calls it
    public static String raise(String message) {
      throw new Refusal(message);
    }
  }

  /** The tag around what the assistant says: transformers' extension of Jinja. */
  private static final class Generation implements Tag {
    @Serial private static final long serialVersionUID = 1L;

    /** Code points that stand for no character, so no text has them. */
    static final char BEGIN = '\ufdd0';

    static final char END = '\ufdd1';

    @Override
    public String getName() {
      return "generation";
    }

    @Override
    public String getEndTagName() {
      return "endgeneration";
    }

    @Override
    public String interpret(TagNode tag, JinjavaInterpreter interpreter) {
      StringBuilder inside = new StringBuilder().append(BEGIN);
      for (Node child : tag.getChildren()) {
        inside.append(child.render(interpreter));
      }
      return inside.append(END).toString();
    }

    static MarkedText marked(String text) {
      StringBuilder plain = new StringBuilder();
      List<MarkedText.Part> parts = new ArrayList<>();
      int begin = 0;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == BEGIN) {
          begin = plain.length();
        } else if (c == END) {
          parts.add(new MarkedText.Part(begin, plain.length()));
        } else {
          plain.append(c);
        }
      }
      return new MarkedText(plain.toString(), parts);
    }
  }
}
