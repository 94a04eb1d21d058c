package org.longlora4j.core.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.data.ChatMessage;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.TokenizerJson;
import org.longlora4j.core.data.Tokenizer;

class ConversationTest {
  private static final String TEMPLATE =
      "{{ bos_token }}{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}"
          + "{% if add_generation_prompt %}[assistant]{% endif %}";

  @TempDir private Path folder;

  private Tokenizer tokenizer(Optional<String> template) throws IOException {
    TokenizerJson.byteLevel().write(folder);
    if (template.isPresent()) {
      Files.writeString(folder.resolve("chat_template.jinja"), template.get());
    } else {
      Files.delete(folder.resolve("tokenizer_config.json"));
    }
    return Tokenizer.inDirectory(folder).orElseThrow();
  }

  @Test
  void theModelsTemplateWordsWhatIsSaid() throws IOException {
    try (Tokenizer tokenizer = tokenizer(Optional.of(TEMPLATE))) {
      Conversation conversation = new Conversation(tokenizer, Optional.of("A long text."));
      assertThat(tokenizer.show(conversation.ask("Who?")))
          .isEqualTo("<s>[user]A long text.\n\nWho?[assistant]");
      conversation.answer(" Tom. ");
      int[] second = conversation.ask("Why?");
      assertThat(tokenizer.show(second))
          .isEqualTo("<s>[user]A long text.\n\nWho?[assistant]Tom.[user]Why?[assistant]");
      assertThat(conversation.stops()).isEmpty();
      int[] opening = conversation.opening();
      assertThat(tokenizer.show(opening)).isEqualTo("<s>[user]A long text.\n\n");
      assertThat(Arrays.mismatch(opening, second)).isEqualTo(opening.length);
    }
  }

  @Test
  void withoutATemplateThereIsATranscript() throws IOException {
    try (Tokenizer tokenizer = tokenizer(Optional.empty())) {
      Conversation conversation = new Conversation(tokenizer, Optional.empty());
      conversation.ask("Who?");
      conversation.answer("Tom.\n");
      assertThat(tokenizer.show(conversation.ask("Why?")))
          .isEqualTo("User: Who?\nAssistant: Tom.\nUser: Why?\nAssistant:");
      assertThat(conversation.stops()).containsExactly("\nUser:");
    }
  }

  @Test
  void resetForgetsWhatWasSaidAndNotTheDocument() throws IOException {
    try (Tokenizer tokenizer = tokenizer(Optional.empty())) {
      Conversation conversation = new Conversation(tokenizer, Optional.of("Text."));
      conversation.ask("Who?");
      conversation.answer("Tom.");
      conversation.reset();
      assertThat(tokenizer.show(conversation.ask("Why?")))
          .isEqualTo("Text.\n\nUser: Why?\nAssistant:");
    }
  }

  @Test
  void aQuestionThatTheTemplateRefusesWasNotAsked() throws IOException {
    String picky =
        "{% if messages[-1]['content'] == 'no' %}{{ raise_exception('not so') }}{% endif %}ok";
    try (Tokenizer tokenizer = tokenizer(Optional.of(picky))) {
      Conversation conversation = new Conversation(tokenizer, Optional.empty());
      assertThatThrownBy(() -> conversation.ask("no"))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("not so");
      conversation.ask("yes");
      assertThat(conversation.messages()).containsExactly(new ChatMessage(ChatMessage.USER, "yes"));
    }
  }
}
