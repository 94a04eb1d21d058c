package org.longlora4j.launcher.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Writing and talking, with the pocket model that the distribution carries. */
class ChatTest {
  private static final Path POCKET = Path.of("../src/main/models/pocket");

  @TempDir private Path folder;

  private static CommandRun chat(String lines, Object... more) {
    List<Object> arguments =
        new ArrayList<>(List.of("chat", "--model", POCKET, "--max-new-tokens", 12));
    arguments.addAll(List.of(more));
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(lines.getBytes(UTF_8)));
    try {
      return CommandRun.of(arguments.toArray());
    } finally {
      System.setIn(before);
    }
  }

  private static CommandRun generate(String prompt, Object... more) {
    List<Object> arguments =
        new ArrayList<>(List.of("generate", "--model", POCKET, "--prompt", prompt));
    arguments.addAll(List.of(more));
    return CommandRun.of(arguments.toArray());
  }

  private static String newText(String prompt, Object... more) throws IOException {
    CommandRun run = generate(prompt, more);
    assertThat(run.exitCode()).as(run.err()).isZero();
    String text = run.out().startsWith("{") ? run.json().get("text").asText() : run.out();
    return text.substring(prompt.length());
  }

  @Test
  void linesAreAnsweredOneAfterAnotherOnStandardOutputAlone() throws IOException {
    CommandRun run = chat("class A\n\n/length\nclass B\n/quit\nclass C\n");
    assertThat(run.exitCode()).as(run.err()).isZero();
    String first = newText("User: class A\nAssistant:", "--max-new-tokens", 12, "--json");
    String second =
        newText(
            "User: class A\nAssistant: " + first.strip() + "\nUser: class B\nAssistant:",
            "--max-new-tokens",
            12,
            "--json");
    assertThat(run.out()).isEqualTo(first + "\n" + second + "\n");
    assertThat(run.err()).contains("tokens; the model was made for 512.");
  }

  @Test
  void aDocumentIsReadOnceAndStaysWhenTheRestIsForgotten() throws IOException {
    Path document = folder.resolve("text.txt");
    Files.writeString(document, "import java.util.List;");
    CommandRun run = chat("class A\n/reset\nclass A\n", "--document", document);
    assertThat(run.exitCode()).as(run.err()).isZero();
    String answer =
        newText(
            "import java.util.List;\n\nUser: class A\nAssistant:",
            "--max-new-tokens",
            12,
            "--json");
    assertThat(run.out()).isEqualTo(answer + "\n" + answer + "\n");
    assertThat(run.err()).contains("Reading " + document + ": ", "What was said is forgotten.");
  }

  @Test
  void whatIsNoCommandIsToldAndWhatIsNoTextIsRefused() throws IOException {
    assertThat(chat("/what\n/help\n").err())
        .contains("There is no /what; /help lists what there is.", "/reset", "Ctrl-C");
    Path bytes = Files.write(folder.resolve("bytes"), new byte[] {(byte) 0xff});
    CommandRun run = chat("", "--document", bytes);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("is not text in UTF-8");
    CommandRun missing = chat("", "--document", folder.resolve("none"));
    assertThat(missing.exitCode()).isEqualTo(2);
    assertThat(missing.err()).contains("--document: ", "none does not exist");
  }

  @Test
  void aConversationBeyondTheModelsContextIsToldOf() {
    String line = "class ".repeat(90);
    assertThat(chat(line + "\n").err()).contains("and the model was made for 512", "/reset");
  }

  @Test
  void textComesAsItIsInTheDocumentOfJson() throws IOException {
    String streamed = newText("public final class", "--max-new-tokens", 40);
    JsonNode document = generate("public final class", "--max-new-tokens", 40, "--json").json();
    assertThat(document.get("text").asText() + "\n").isEqualTo("public final class" + streamed);
    assertThat(document.get("new_ids")).isNotEmpty();
  }

  @Test
  void aStopStringEndsTheTextAndIsNoPartOfIt() throws IOException {
    String whole = newText("public final class", "--max-new-tokens", 40);
    String stop = whole.substring(20, 23);
    assertThat(
            newText(
                "public final class",
                "--max-new-tokens",
                40,
                "--stop",
                "never there",
                "--stop",
                stop))
        .isEqualTo(whole.substring(0, whole.indexOf(stop)) + "\n");
  }

  @Test
  void whatIsDrawnFollowsTheSeedAndItsLimits() throws IOException {
    Object[] drawn = {"--max-new-tokens", 30, "--temperature", 1, "--top-k", 40, "--top-p", 0.95};
    String text = newText("class", drawn);
    assertThat(newText("class", drawn)).isEqualTo(text);
    assertThat(newText("class", "--max-new-tokens", 30, "--temperature", 1, "--top-k", 1))
        .isEqualTo(newText("class", "--max-new-tokens", 30));
    assertThat(newText("class", "--max-new-tokens", 30, "--repetition-penalty", 1.5))
        .isNotEqualTo(newText("class", "--max-new-tokens", 30));
  }

  @ParameterizedTest
  @CsvSource({
    "--top-k, 5, at --temperature 0 nothing is",
    "--top-p, 2, --top-p is 2.0",
    "--repetition-penalty, -1, --repetition-penalty is -1.0",
  })
  void whatIsOutOfRangeIsRefused(String option, String value, String message) {
    CommandRun run = generate("class", option, value);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(message);
    assertThat(run.out()).isEmpty();
  }
}
