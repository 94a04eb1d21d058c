package org.longlora4j.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.data.ChatMessage;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.plugin.InvalidInputException;

/** Which tokens of prompts and answers bear loss. */
class DialogueTokensTest {
  @TempDir private Path model;

  private Tokenizer tokenizer() throws IOException {
    return ByteLevelTokenizer.in(model);
  }

  private void write(String file, String json) throws IOException {
    Files.writeString(model.resolve(file), json);
  }

  private static Document.Dialogue dialogue(boolean eachBegins, String... promptsAndAnswers) {
    List<Document.Exchange> exchanges = new ArrayList<>();
    for (int i = 0; i < promptsAndAnswers.length; i += 2) {
      exchanges.add(new Document.Exchange(promptsAndAnswers[i], promptsAndAnswers[i + 1]));
    }
    return new Document.Dialogue(exchanges, eachBegins, "a dialogue");
  }

  /** Runs of tokens, those that are learned in brackets. */
  private static String shown(Tokenizer tokenizer, MarkedTokens marked) {
    StringBuilder shown = new StringBuilder();
    int begin = 0;
    for (int i = 1; i <= marked.tokens().length; i++) {
      if (i == marked.tokens().length || marked.learned()[i] != marked.learned()[begin]) {
        String run = tokenizer.show(Arrays.copyOfRange(marked.tokens(), begin, i));
        shown.append(marked.learned()[begin] ? "[" + run + "]" : run);
        begin = i;
      }
    }
    return shown.toString();
  }

  @Test
  void theAnswersAndTheirEndTokensAreLearned() throws IOException {
    try (Tokenizer tokenizer = tokenizer()) {
      MarkedTokens marked = tokenizer.encode(dialogue(false, "Q: é?", " yes", "Q: 🦊?", " nö 🦊"));
      assertThat(shown(tokenizer, marked)).isEqualTo("Q: é?[ yes</s>]Q: 🦊?[ nö 🦊</s>]");
    }
  }

  @Test
  void theFirstPromptOrEachBeginsAsTheTokenizerBeginsAText() throws IOException {
    write("tokenizer_config.json", "{\"add_bos_token\": true, \"bos_token\": \"<s>\"}");
    try (Tokenizer tokenizer = tokenizer()) {
      assertThat(shown(tokenizer, tokenizer.encode(dialogue(false, "a", "b", "c", "d"))))
          .isEqualTo("<s>a[b</s>]c[d</s>]");
      assertThat(shown(tokenizer, tokenizer.encode(dialogue(true, "a", "b", "c", "d"))))
          .isEqualTo("<s>a[b</s>]<s>c[d</s>]");
    }
  }

  @Test
  void aTokenizerThatEndsATextItselfEndsAnAnswerOnce() throws IOException {
    String template =
        """
        {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                    {"Sequence": {"id": "A", "type_id": 0}},
                    {"SpecialToken": {"id": "</s>", "type_id": 0}}],
         "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
         "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]},
                            "</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}}""";
    tokenizer().close();
    write(
        "tokenizer.json",
        ByteLevelTokenizer.json()
            .replace("\"post_processor\": null", "\"post_processor\": " + template));
    try (Tokenizer tokenizer = Tokenizer.inDirectory(model).orElseThrow()) {
      assertThat(shown(tokenizer, tokenizer.encode(dialogue(false, "a", "b"))))
          .isEqualTo("<s>a[b</s>]");
    }
  }

  @Test
  void blanksThatATokenizerTrimsOffItsSpansAreLearnedToo() throws IOException {
    tokenizer().close();
    write(
        "tokenizer.json",
        ByteLevelTokenizer.json()
            .replace(
                "\"post_processor\": null",
                "\"post_processor\": {\"type\": \"ByteLevel\", \"add_prefix_space\": false,"
                    + " \"trim_offsets\": true, \"use_regex\": true}"));
    try (Tokenizer tokenizer = Tokenizer.inDirectory(model).orElseThrow()) {
      assertThat(shown(tokenizer, tokenizer.encode(dialogue(false, "a ", "  b c "))))
          .isEqualTo("a [  b c </s>]");
    }
  }

  @Test
  void theTokenizersOwnChatTemplateMarksWhatTheAssistantSays() throws IOException {
    write(
        "tokenizer_config.json",
        """
        {"bos_token": "<s>", "eos_token": "</s>",
         "chat_template": "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token }}\\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"}
        """);
    try (Tokenizer tokenizer = tokenizer()) {
      MarkedTokens marked =
          tokenizer.encode(
              new Document.Conversation(
                  List.of(
                      new ChatMessage("user", "a"),
                      new ChatMessage("assistant", "b"),
                      new ChatMessage("user", "c"),
                      new ChatMessage("assistant", "d")),
                  "a file"));
      assertThat(shown(tokenizer, marked))
          .isEqualTo("<s>user: a</s>\nassistant: [b</s>]\nuser: c</s>\nassistant: [d</s>]\n");
    }
  }

  @Test
  void aConversationWithoutAChatTemplateIsRefused() throws IOException {
    try (Tokenizer tokenizer = tokenizer()) {
      assertThatThrownBy(
              () ->
                  tokenizer.encode(
                      new Document.Conversation(
                          List.of(new ChatMessage("assistant", "b")), "a file")))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("has no chat template")
          .hasMessageContaining("chat_template in tokenizer_config.json");
    }
  }
}
