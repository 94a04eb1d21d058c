package org.longlora4j.plugin.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.DataPosition;
import org.longlora4j.core.data.Packing;
import org.longlora4j.core.data.ReadableRow;
import org.longlora4j.core.data.Row;
import org.longlora4j.core.data.RowStream;
import org.longlora4j.core.data.Tokenizer;

/**
 * Prompts and answers. The tokenizer has a token for each byte, so that what is shown says exactly
 * which tokens bear loss: those in brackets.
 */
class DialogueSourcesTest {
  private static final String ALPACA =
      """
      [{"instruction": "Say a.", "input": "", "output": "a"},
       {"instruction": "Double it.", "input": "b", "output": "bb", "file": "a book"}]
      """;
  private static final String CHAT =
      """
      {"messages": [{"role": "user", "content": "Q1"}, {"role": "assistant", "content": "A1"}, {"role": "user", "content": "Q2"}, {"role": "assistant", "content": "A2"}, {"role": "user", "content": "Q3"}]}
      {"id": "x", "conversations": [{"from": "system", "value": "S"}, {"from": "human", "value": "Q4"}, {"from": "gpt", "value": "A4"}]}
      """;

  @TempDir private Path folder;

  private FilePattern file(String name, String content) throws IOException {
    Files.writeString(folder.resolve(name), content);
    return new FilePattern(folder, name);
  }

  private Alpaca alpaca(Optional<Template> template, Optional<PromptTemplate> prompts)
      throws IOException {
    return new Alpaca(
        new Alpaca.Options(
            List.of(file("alpaca.json", ALPACA)), template, prompts, false, 1, true));
  }

  private Chats chats(Optional<Template> template) throws IOException {
    return new Chats(
        new Chats.Options(
            List.of(file("chats.jsonl", CHAT)), template, Optional.empty(), false, 1, true));
  }

  private Tokenizer tokenizer() throws IOException {
    Path model = Files.createDirectories(folder.resolve("model"));
    try (InputStream json = SourceContract.class.getResourceAsStream("tokenizer.json")) {
      Files.write(model.resolve("tokenizer.json"), json.readAllBytes());
    }
    Files.writeString(model.resolve("config.json"), "{\"eos_token_id\": 1, \"vocab_size\": 263}");
    Files.writeString(
        model.resolve("tokenizer_config.json"),
        """
        {"add_bos_token": true, "bos_token": "<s>", "eos_token": "</s>",
         "chat_template": "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}</{{ m.role }}>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"}
        """);
    return Tokenizer.inDirectory(model).orElseThrow();
  }

  /** The first two documents as tokens, those that bear loss in brackets. */
  private List<String> shown(DocumentSource source) throws IOException {
    List<String> shown = new ArrayList<>();
    try (Tokenizer tokenizer = tokenizer();
        RowStream stream =
            new RowStream(
                source, Optional.of(tokenizer), Packing.PAD, 400, 0, DataPosition.START)) {
      for (int i = 0; i < 2; i++) {
        ReadableRow row = ReadableRow.of(stream.next(), Optional.of(tokenizer));
        shown.add(
            row.documents().get(0).parts().stream()
                .map(part -> part.learned() ? "[[" + part.text() + "]]" : part.text())
                .collect(Collectors.joining()));
      }
    }
    return shown;
  }

  @Test
  void noTemplateTakesInstructionsAsTheyStand() throws IOException {
    assertThat(shown(alpaca(Optional.of(Template.NONE), Optional.empty())))
        .containsExactly("<s>Say a.[[a</s>]]", "<s>Double it.\nb[[bb</s>]]");
  }

  @Test
  void instIsTheDefaultOfInstructions() throws IOException {
    assertThat(shown(alpaca(Optional.empty(), Optional.empty())))
        .containsExactly(
            "<s>[INST]Say a.[/INST][[a</s>]]", "<s>[INST]Double it.\nb[/INST][[bb</s>]]");
  }

  @Test
  void alpacaHasATemplateForInstructionsWithAnInputAndOneForThoseWithout() throws IOException {
    assertThat(shown(alpaca(Optional.of(Template.ALPACA), Optional.empty())))
        .containsExactly(
            "<s>Below is an instruction that describes a task. Write a response that appropriately"
                + " completes the request.\n\n### Instruction:\nSay a.\n\n### Response:[[a</s>]]",
            "<s>Below is an instruction that describes a task, paired with an input that provides"
                + " further context. Write a response that appropriately completes the request."
                + "\n\n### Instruction:\nDouble it.\n\n### Input:\nb\n\n### Response:[[bb</s>]]");
  }

  @Test
  void llama2BeginsAndEndsEachExchange() throws IOException {
    assertThat(shown(chats(Optional.of(Template.LLAMA_2))))
        .containsExactly(
            "<s>[INST] Q1 [/INST][[ A1 </s>]]<s>[INST] Q2 [/INST][[ A2 </s>]]",
            "<s>[INST] <<SYS>>\nS\n<</SYS>>\n\nQ4 [/INST][[ A4 </s>]]");
  }

  @Test
  void vicunaBeginsOnceAndHasItsOwnSystemMessage() throws IOException {
    assertThat(shown(chats(Optional.of(Template.VICUNA))))
        .containsExactly(
            "<s>A chat between a curious user and an artificial intelligence assistant. The"
                + " assistant gives helpful, detailed, and polite answers to the user's questions."
                + " USER: Q1 ASSISTANT:[[ A1</s>]]USER: Q2 ASSISTANT:[[ A2</s>]]",
            "<s>S USER: Q4 ASSISTANT:[[ A4</s>]]");
  }

  @Test
  void theTokenizersOwnTemplateIsTheDefaultOfChats() throws IOException {
    assertThat(shown(chats(Optional.empty())))
        .containsExactly(
            "<s><user>Q1</user><assistant>[[A1</assistant>]]<user>Q2</user><assistant>"
                + "[[A2</assistant>]]",
            "<s><system>S</system><user>Q4</user><assistant>[[A4</assistant>]]");
    assertThat(shown(alpaca(Optional.of(Template.CHAT), Optional.empty())))
        .containsExactly(
            "<s><user>Say a.</user><assistant>[[a</assistant>]]",
            "<s><user>Double it.\nb</user><assistant>[[bb</assistant>]]");
  }

  @Test
  void aTemplateOfOnesOwnTakesTheirPlace() throws IOException {
    PromptTemplate own =
        new PromptTemplate(
            "{system}Q: {prompt}\nA:",
            Optional.of("{input}? {prompt}"),
            Optional.empty(),
            " {answer}!",
            "Be {prompt}.",
            "<{system}>",
            false);
    // What is filled in may look like a place.
    assertThat(shown(alpaca(Optional.empty(), Optional.of(own))))
        .containsExactly(
            "<s><Be {prompt}.>Q: Say a.\nA:[[ a!</s>]]", "<s>b? Double it.[[ bb!</s>]]");
    assertThatThrownBy(
            () ->
                new PromptTemplate(
                    "Q", Optional.empty(), Optional.empty(), "{answer}", "", "{system}", false))
        .hasMessage("prompt is 'Q', must have the place {prompt}");
    assertThatThrownBy(() -> alpaca(Optional.of(Template.NONE), Optional.of(own)))
        .hasMessageContaining("template and prompts are both given");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readingIsRepeatableAndSkippingIsReading(boolean shuffle) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      lines.append("{\"instruction\": \"i" + i + "\", \"output\": \"o" + i + "\"}\n");
    }
    DocumentSource source =
        new Alpaca(
            new Alpaca.Options(
                List.of(file("a.json", ALPACA), file("b.jsonl", lines.toString())),
                Optional.empty(),
                Optional.empty(),
                shuffle,
                7,
                true));
    assertThat(SourceContract.read(source, 0, 42)).hasSize(22);
    SourceContract.assertThatSkippingIsReading(source);
    SourceContract.assertThatClosingReleasesFiles(source, folder);
    assertThatRunsResume(source);
    assertThatRunsResume(chats(Optional.of(Template.INST)));
  }

  private void assertThatRunsResume(DocumentSource source) throws IOException {
    try (Tokenizer tokenizer = tokenizer()) {
      for (Packing packing : Packing.values()) {
        List<Row> all = new ArrayList<>();
        List<DataPosition> positions = new ArrayList<>();
        try (RowStream stream =
            new RowStream(source, Optional.of(tokenizer), packing, 60, 42, DataPosition.START)) {
          for (int row = 0; row < 30; row++) {
            positions.add(stream.position());
            all.add(stream.next());
          }
        }
        for (int from = 0; from < all.size(); from++) {
          try (RowStream resumed =
              new RowStream(source, Optional.of(tokenizer), packing, 60, 42, positions.get(from))) {
            assertThat(resumed.next()).isEqualTo(all.get(from));
          }
        }
      }
    }
  }

  private Alpaca of(String name, String content, boolean strict) throws IOException {
    return new Alpaca(
        new Alpaca.Options(
            List.of(file(name, content)), Optional.empty(), Optional.empty(), false, 1, strict));
  }

  @Test
  void brokenLinesAndRecordsWithoutTheirFieldsAreLeftOutAndCounted() throws IOException {
    String lines =
        """
        {"instruction": "a", "output": "A"}
        {"instruction": "b"
        {"instruction": "c"}
        {"instruction": "d", "output": ""}

        {"instruction": "e", "output": ["E"]}
        7
        {"instruction": "f\\ud800", "output": "F"}
        {"instruction": "g", "output": "G"}""";
    DocumentSource source = of("a.jsonl", lines, false);
    assertThat(SourceContract.read(source, 0, 42))
        .extracting(d -> ((Document.Dialogue) d).exchanges().get(0).answer())
        .containsExactly("A", "G");
    assertThat(SourceContract.leftOut(source).counts())
        .isEqualTo(Map.of("not JSON", 2L, "without output", 2L, "empty", 1L, "not Unicode", 1L));
    assertThat(SourceContract.leftOut(source).examples().get(0))
        .startsWith(folder.resolve("a.jsonl") + " line 2 is not JSON: ");
    assertThatThrownBy(() -> SourceContract.read(of("a.jsonl", lines, true), 0, 42))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("line 2")
        .hasMessageContaining("strict: false");
  }

  @Test
  void aListThatBreaksOffGivesWhatCameBefore() throws IOException {
    String list = "[{\"instruction\": \"a\", \"output\": \"A\"},\n{\"instruction\": \"b\", ";
    DocumentSource source = of("a.json", list, false);
    assertThat(SourceContract.read(source, 0, 42)).hasSize(1);
    assertThat(SourceContract.leftOut(source).counts()).isEqualTo(Map.of("not JSON", 1L));
    assertThat(SourceContract.leftOut(source).examples().get(0)).contains("line 2", "left out");
  }

  @Test
  void otherEncodingsAndEmptyFilesAreLeftOutAndCounted() throws IOException {
    Path latin = folder.resolve("latin.jsonl");
    Files.write(
        latin,
        "{\"instruction\": \"\u00e9\", \"output\": \"A\"}".getBytes(StandardCharsets.ISO_8859_1));
    DocumentSource source =
        new Alpaca(
            new Alpaca.Options(
                List.of(
                    new FilePattern(folder, "latin.jsonl"),
                    file("none.json", " "),
                    file("empty.json", "[]"),
                    file("good.json", ALPACA)),
                Optional.empty(),
                Optional.empty(),
                false,
                1,
                false));
    assertThat(SourceContract.read(source, 0, 42)).hasSize(2);
    assertThat(SourceContract.leftOut(source).counts())
        .isEqualTo(Map.of("not UTF-8", 1L, "empty", 2L));
  }

  @Test
  void conversationsThatAreNoneAreLeftOutAndCounted() throws IOException {
    String lines =
        """
        {"messages": [{"role": "user", "content": "a"}]}
        {"messages": [{"role": "user", "content": ["a"]}, {"role": "assistant", "content": "b"}]}
        {"chat": []}
        {"messages": [{"role": "assistant", "content": "a"}]}
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
        """;
    DocumentSource source =
        new Chats(
            new Chats.Options(
                List.of(file("c.jsonl", lines)),
                Optional.of(Template.INST),
                Optional.empty(),
                false,
                1,
                false));
    assertThat(SourceContract.read(source, 0, 42)).hasSize(1);
    assertThat(SourceContract.leftOut(source).counts())
        .isEqualTo(Map.of("without an answer", 1L, "without messages", 2L, "not in turns", 1L));
  }
}
