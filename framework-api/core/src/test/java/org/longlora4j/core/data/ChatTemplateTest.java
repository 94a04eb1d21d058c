package org.longlora4j.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.longlora4j.api.data.ChatMessage;
import org.longlora4j.api.plugin.InvalidInputException;

/** Templates in the forms that well-known models have, against what Jinja2 makes of them. */
class ChatTemplateTest {
  private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");

  private static JsonNode golden() throws IOException {
    try (InputStream json =
        ChatTemplateTest.class.getResourceAsStream("/golden/chat-templates.json")) {
      return new ObjectMapper().readTree(json);
    }
  }

  private static ChatTemplate template(String text) {
    return ChatTemplate.of("the template", text, TOKENS);
  }

  private static ChatTemplate in(Path model) throws IOException {
    Files.writeString(model.resolve("tokenizer.json"), "{}");
    return ChatTemplate.in(TokenizerFiles.in(model).orElseThrow());
  }

  private static List<ChatMessage> messages(JsonNode json) {
    List<ChatMessage> messages = new ArrayList<>();
    json.forEach(
        message ->
            messages.add(
                new ChatMessage(message.path("role").asText(), message.path("content").asText())));
    return messages;
  }

  private static String answers(MarkedText marked) {
    return String.join(
        "|",
        marked.learned().stream()
            .map(part -> marked.text().substring(part.begin(), part.end()))
            .toList());
  }

  static Stream<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    golden().path("templates").forEach(template -> names.add(template.path("name").asText()));
    return names.stream();
  }

  private static JsonNode named(String name) throws IOException {
    for (JsonNode template : golden().path("templates")) {
      if (template.path("name").asText().equals(name)) {
        return template;
      }
    }
    throw new AssertionError(name);
  }

  @ParameterizedTest
  @MethodSource("names")
  void aTemplateSaysWhatJinja2MakesOfIt(String name) throws IOException {
    ChatTemplate template = template(named(name).path("template").asText());
    for (JsonNode example : named(name).path("cases")) {
      List<ChatMessage> messages = messages(example.path("messages"));
      String expected = example.path("text").asText();
      if (expected.startsWith("ERR ")) {
        assertThatThrownBy(() -> template.render(messages, "a file"))
            .isInstanceOf(InvalidInputException.class)
            .hasMessageContaining(expected.substring("ERR ".length()));
      } else if (name.equals("mistral") && messages.get(0).role().equals("system")) {
        // It words the system's message before an unanswered user's message only.
        assertThatThrownBy(() -> template.render(messages, "a file"))
            .isInstanceOf(InvalidInputException.class)
            .hasMessageContaining("leaves out what message 0 of a file, the system's, says");
      } else {
        assertThat(template.render(messages, "a file").text()).isEqualTo(expected);
        assertThat(template.prompt(messages)).isEqualTo(example.path("prompt").asText());
      }
    }
  }

  @Test
  void theAnswersAreWhatEachOfTheAssistantsMessagesAdds() throws IOException {
    Map<String, String> expected =
        Map.of(
            "llama2", " It's {{2}}.\nOK </s>| Fine </s>",
            "llama3", "It's {{2}}.\nOK<|eot_id|>|Fine<|eot_id|>",
            "llama31", "It's {{2}}.\nOK<|eot_id|>|Fine<|eot_id|>",
            "chatml", "It's {{2}}.\nOK<|im_end|>|Fine<|im_end|>",
            "qwen25", "It's {{2}}.\nOK<|im_end|>|Fine<|im_end|>",
            "smol", "It's {{2}}.\nOK<|im_end|>|Fine<|im_end|>");
    for (Map.Entry<String, String> entry : expected.entrySet()) {
      JsonNode named = named(entry.getKey());
      MarkedText marked =
          template(named.path("template").asText())
              .render(messages(named.at("/cases/1/messages")), "a file");
      assertThat(answers(marked)).as(entry.getKey()).isEqualTo(entry.getValue());
    }
  }

  @Test
  void aTemplateThatJinjavaCannotCarryOutIsRefused() throws IOException {
    ChatTemplate template = template(golden().path("refused").asText());
    assertThatThrownBy(
            () ->
                template.render(
                    List.of(new ChatMessage("user", "a"), new ChatMessage("assistant", "b")),
                    "a file"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("the template cannot be carried out: ")
        .hasMessageContaining("choose another prompt template");
  }

  @Test
  void aTemplateThatWordsThePromptAnewOnceThereIsAnAnswerIsRefused() {
    ChatTemplate template =
        template("{{ messages|length }}{% for m in messages %}{{ m.content }}{% endfor %}");
    assertThatThrownBy(
            () ->
                template.render(
                    List.of(new ChatMessage("user", "a"), new ChatMessage("assistant", "b")),
                    "a file"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("message 1 of a file cannot be told from those before it")
        .hasMessageContaining("{% generation %}");
  }

  @Test
  void aTagThatIsNotClosedIsRefused() {
    assertThatThrownBy(() -> template("{% if x"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("the template: the tag '{% if x' is not closed");
  }

  @Test
  void theTemplateComesFromAFileOfItsOwnOrFromTheConfig(@TempDir Path model) throws IOException {
    Path config = model.resolve("tokenizer_config.json");
    List<ChatMessage> none = List.of();
    Files.writeString(
        config,
        "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"r\"},"
            + " {\"name\": \"default\", \"template\": \"d{{ bos_token }}\"}],"
            + " \"bos_token\": {\"content\": \"<b>\"}}");
    assertThat(in(model).prompt(none)).isEqualTo("d<b>");
    Files.writeString(config, "{\"chat_template\": \"one\"}");
    assertThat(in(model).prompt(none)).isEqualTo("one");
    Files.writeString(model.resolve("chat_template.jinja"), "file\n");
    assertThat(in(model).prompt(none)).isEqualTo("file");
  }
}
