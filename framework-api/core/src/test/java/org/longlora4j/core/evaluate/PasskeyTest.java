package org.longlora4j.core.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.data.PasskeyPrompt;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.RowStream;
import org.longlora4j.core.data.Tokenizer;

class PasskeyTest {
  private static final Pattern STATEMENT =
      Pattern.compile("The pass key is (\\d+)\\. Remember it\\.");
  private static final List<Double> RANDOM = List.of();

  private final List<String> prompts = new ArrayList<>();
  @TempDir private Path model;
  private Tokenizer tokenizer;

  @BeforeEach
  void openTokenizer() throws IOException {
    try (InputStream json = RowStream.class.getResourceAsStream("tokenizer.json")) {
      Files.write(model.resolve("tokenizer.json"), json.readAllBytes());
    }
    Files.writeString(model.resolve("config.json"), "{\"eos_token_id\": 1, \"vocab_size\": 263}");
    tokenizer = Tokenizer.inDirectory(model).orElseThrow();
  }

  @AfterEach
  void closeTokenizer() {
    tokenizer.close();
  }

  /** Reads the prompt and answers as {@code format} says, cut to as many tokens as are wanted. */
  private Passkey reader(String format) {
    return new Passkey(
        tokenizer,
        (prompt, count) -> {
          String text = tokenizer.decode(prompt);
          prompts.add(text);
          Matcher statement = STATEMENT.matcher(text);
          assertThat(statement.find()).isTrue();
          int[] answer = tokenizer.encode(format.formatted(Integer.parseInt(statement.group(1))));
          return Arrays.copyOf(answer, Math.min(count, answer.length));
        });
  }

  private Passkey.Result measure(String format, int length, int trials, long seed) {
    return reader(format).measure(List.of(length), RANDOM, trials, seed).get(0);
  }

  @Test
  void aModelThatReadsThePromptFindsEveryKey() {
    Passkey.Result result = measure(" %d is", 600, 20, 0);

    assertThat(result.found()).isEqualTo(20);
    assertThat(result.accuracy()).isEqualTo(1.0);
  }

  @Test
  void anythingButTheKeyIsNotFound() {
    for (String wrong : List.of("", "1%d", " 0%d", " x%d", " .%d")) {
      assertThat(measure(wrong, 600, 5, 0).found()).isZero();
    }
  }

  @Test
  void moreDigitsThanTheAnswersTokensAreNotLookedAt() {
    assertThat(measure(" %d7", 600, 5, 0).found()).isEqualTo(5);
  }

  @Test
  void promptsArePublishedOnesThatFillTheLength() {
    for (int length : new int[] {300, 512, 2000}) {
      prompts.clear();
      Passkey.Result result = measure(" %d", length, 10, 3);

      assertThat(result.meanTokens()).isBetween(length - 4.0, (double) length);
      List<PasskeyPrompt> published = new ArrayList<>();
      for (String prompt : prompts) {
        List<String> lines = prompt.lines().toList();
        int garbage = lines.get(1).length() + lines.get(3).length();
        PasskeyPrompt one =
            IntStream.range(3, 13)
                .mapToObj(drawnWith -> PasskeyPrompt.drawn(garbage, drawnWith))
                .filter(drawn -> drawn.text().equals(prompt))
                .findFirst()
                .orElseThrow();
        published.add(one);
        assertThat(tokenizer.encode(one.text() + " " + one.answer()).length)
            .isLessThanOrEqualTo(length);
      }
      assertThat(published).extracting(PasskeyPrompt::key).doesNotHaveDuplicates().hasSize(10);
      assertThat(published)
          .extracting(PasskeyPrompt::before)
          .isSortedAccordingTo(Comparator.reverseOrder());
    }
  }

  @Test
  void aGridOfDepthsPutsTheKeyThere() {
    List<Passkey.Result> results =
        reader(" %d").measure(List.of(400, 800), List.of(0.0, 0.5, 1.0), 2, 0);

    assertThat(results)
        .extracting(Passkey.Result::length)
        .containsExactly(400, 400, 400, 800, 800, 800);
    assertThat(results)
        .extracting(result -> result.depth().getAsDouble())
        .containsExactly(0.0, 0.5, 1.0, 0.0, 0.5, 1.0);
    for (int i = 0; i < prompts.size(); i++) {
      List<String> lines = prompts.get(i).lines().toList();
      double before = lines.get(1).length();
      double garbage = before + lines.get(3).length();
      int depth = 2 - i / 2 % 3; // the deepest first: it has the most in common with the others
      assertThat(before).isCloseTo(Math.rint(depth * 0.5 * garbage), within(1.0));
    }
  }

  @Test
  void aLengthWithoutRoomForThePromptIsRefused() {
    assertThatThrownBy(() -> measure(" %d", 100, 1, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageMatching(
            "the passkey prompt without filler takes (2\\d\\d) tokens of this tokenizer, the length"
                + " is 100; give at least \\1");
  }
}
