package org.longlora4j.core.evaluate.longbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.RowStream;
import org.longlora4j.core.data.Tokenizer;

class LongBenchTest {
  private static final String LINE =
      """
      {"_id": "7", "dataset": "hotpotqa", "input": "Who? {context}", "context": "It was $1 Ann.", \
      "answers": ["Ann", "Ann Lee"], "all_classes": null, "length": 4, "language": "en"}
      """;

  @TempDir private Path folder;

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static List<Sample> read(Path file) {
    return JsonLines.samples(file, Optional.empty());
  }

  private Tokenizer tokenizer() throws IOException {
    try (InputStream json = RowStream.class.getResourceAsStream("tokenizer.json")) {
      Files.write(folder.resolve("tokenizer.json"), json.readAllBytes());
    }
    Files.writeString(folder.resolve("config.json"), "{\"eos_token_id\": 1, \"vocab_size\": 263}");
    return Tokenizer.inDirectory(folder).orElseThrow();
  }

  @Test
  void allPublishedDatasetsAreKnown() {
    assertThat(Task.names())
        .hasSize(21)
        .contains("narrativeqa", "2wikimqa", "passage_retrieval_zh", "repobench-p", "samsum");
    assertThat(Task.of("gov_report")).isEqualTo(new Task(Metric.ROUGE_L, 512, false));
    assertThat(Task.of("trec_e")).isEqualTo(new Task(Metric.CLASSIFICATION, 64, true));
    assertThatThrownBy(() -> Task.of("squad"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("the dataset 'squad' is none of LongBench's: 2wikimqa, dureader,");
  }

  @Test
  void theBestOfAllAnswersCountsAndOfSomeTasksTheFirstLine() {
    Prediction lines =
        new Prediction(
            "", "triviaqa", "\n\nAnn Lee\nand more", List.of("Bo", "Ann Lee"), List.of(), 0);
    assertThat(Task.of("triviaqa").score(lines)).isEqualTo(1.0);
    assertThat(Task.of("hotpotqa").score(lines)).isCloseTo(2 * 0.5 / 1.5, within(1e-9));
  }

  @Test
  void samplesBecomePromptsByATemplateOrPlainly() throws IOException {
    Sample sample = read(write("hotpotqa.jsonl", LINE)).get(0);
    Prompts given =
        Prompts.read(write("prompts.json", "{\"hotpotqa\": \"T: {context}\\nQ: {input}\\nA:\"}"));
    assertThat(given.of(sample)).isEqualTo("T: It was $1 Ann.\nQ: Who? {context}\nA:");
    assertThat(Prompts.plain().of(sample)).isEqualTo("It was $1 Ann.\n\nWho? {context}\n");
    Path wrong = write("wrong.json", "{\"a\": 5, \"b\": \"no place\"}");
    assertThatThrownBy(() -> Prompts.read(wrong))
        .hasMessageContaining("a: is 5, must be a text with {context} in it")
        .hasMessageContaining("b: is \"no place\", must be");
    Path other = write("other.json", "{\"lcc\": \"{context}\"}");
    assertThatThrownBy(() -> Prompts.read(other).of(sample))
        .hasMessage("--prompts has no template for the dataset 'hotpotqa', only for lcc");
  }

  @Test
  void aPromptThatIsTooLongLosesItsMiddle() throws IOException {
    String context = "a".repeat(50) + "b".repeat(100) + "c".repeat(50);
    Sample sample = new Sample("", "lcc", "", context, List.of("x"), List.of(), 0);
    List<String> asked = new ArrayList<>();
    try (Tokenizer tokenizer = tokenizer()) {
      LongBench longBench =
          new LongBench(
              tokenizer,
              (prompt, count) -> {
                assertThat(count).isEqualTo(64);
                asked.add(tokenizer.decode(prompt));
                return tokenizer.encode("x");
              },
              Prompts.plain(),
              1000,
              OptionalInt.of(41));
      assertThat(longBench.predict(sample).prediction()).isEqualTo("x");
      assertThat(asked).containsExactly("a".repeat(20) + "c".repeat(17) + "\n\n\n");
      LongBench narrow =
          new LongBench(
              tokenizer, (prompt, count) -> prompt, Prompts.plain(), 65, OptionalInt.empty());
      assertThatThrownBy(() -> narrow.predict(sample))
          .hasMessage(
              "the context of 65 tokens leaves no room for a prompt beside the 64 tokens of an"
                  + " answer to 'lcc'; give --max-length");
    }
  }

  @Test
  void predictionsAreReadAsTheyWereWrittenAndAsOthersWriteThem() throws IOException {
    Prediction own = new Prediction("7", "trec", "a \"b\"\n", List.of("b"), List.of("a", "b"), 3);
    Path file = write("x.jsonl", JsonLines.line(own) + "\n\n" + JsonLines.line(own) + "\n");
    assertThat(JsonLines.predictions(file, Optional.empty())).containsExactly(own, own);
    Path others =
        write(
            "lcc.jsonl",
            "{\"pred\": \"a = 1;\", \"answers\": [\"a = 1;\"], \"all_classes\": null}");
    List<Prediction> read = JsonLines.predictions(others, Optional.empty());
    assertThat(read.get(0).dataset()).isEqualTo("lcc");
    assertThat(LongBench.score(read))
        .containsExactly(new LongBench.Score("lcc", Metric.CODE_SIMILARITY, 1, 100));
    assertThat(JsonLines.predictions(others, Optional.of("trec")).get(0).dataset())
        .isEqualTo("trec");
  }

  @Test
  void allLinesThatAreWrongAreNamed() throws IOException {
    Path file =
        write(
            "hotpotqa.jsonl",
            LINE + "[1]\n{\"input\": 3, \"context\": \"c\", \"answers\": \"one\"}\n{broken\n");
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(file + ":2: is not a JSON object")
        .hasMessageContaining(file + ":3: input: is NUMBER, must be a text")
        .hasMessageContaining(file + ":3: answers: is STRING, must be a list of texts")
        .hasMessageContaining(file + ":4: ");
    Path empty = write("empty.jsonl", "\n");
    assertThatThrownBy(() -> read(empty))
        .hasMessage(empty + " is empty, must have a JSON object on every line");
  }
}
