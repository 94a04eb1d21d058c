package org.longlora4j.api.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PasskeyPromptTest {
  private static final Pattern PLACEHOLDER = Pattern.compile("<(\\d+) characters of filler>");

  @Test
  void everyPublishedCaseIsBuiltToTheLetter() throws IOException {
    JsonNode golden;
    try (InputStream json = PasskeyPromptTest.class.getResourceAsStream("/golden/passkey.json")) {
      golden = new ObjectMapper().readTree(json);
    }
    String sentence = golden.get("filler_sentence").asText();
    assertThat(golden.get("cases")).hasSize(30);
    for (JsonNode example : golden.get("cases")) {
      int garbage = example.get("garbage_chars").asInt();
      PasskeyPrompt prompt = PasskeyPrompt.drawn(garbage, example.get("seed").asLong());

      assertThat(prompt.before()).isEqualTo(example.get("prefix_chars").asInt());
      assertThat(prompt.after()).isEqualTo(garbage - prompt.before());
      assertThat(prompt.answer()).isEqualTo(example.get("passkey").asText());
      List<String> lines = new ArrayList<>();
      example.get("prompt_lines").forEach(line -> lines.add(filled(line.asText(), sentence)));
      assertThat(prompt.text()).isEqualTo(String.join("\n", lines));
    }
  }

  /** The published filler: the sentence 5000 times, joined by blanks, cut to length. */
  private static String filled(String line, String sentence) {
    Matcher placeholder = PLACEHOLDER.matcher(line);
    return placeholder.matches()
        ? String.join(" ", Collections.nCopies(5000, sentence))
            .substring(0, Integer.parseInt(placeholder.group(1)))
        : line;
  }

  @Test
  void aDepthMovesTheKeyAndChangesNothingElse() {
    PasskeyPrompt prompt = PasskeyPrompt.drawn(1001, 5);

    assertThat(prompt.atDepth(0)).isEqualTo(new PasskeyPrompt(0, 1001, prompt.key()));
    assertThat(prompt.atDepth(0.25)).isEqualTo(new PasskeyPrompt(250, 751, prompt.key()));
    assertThat(prompt.atDepth(1)).isEqualTo(new PasskeyPrompt(1001, 0, prompt.key()));
    assertThat(prompt.atDepth(0.75).text()).hasSameSizeAs(prompt.text());
  }

  @Test
  void keysOfAnotherRangeKeepThePlace() {
    for (long seed = 0; seed < 50; seed++) {
      PasskeyPrompt prompt = PasskeyPrompt.drawn(500, 100, 101, seed);

      assertThat(prompt.key()).isBetween(100, 101);
      assertThat(prompt.before()).isEqualTo(PasskeyPrompt.drawn(500, seed).before());
    }
  }

  @Test
  void negativeNumbersAreRefused() {
    assertThatThrownBy(() -> new PasskeyPrompt(-1, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PasskeyPrompt.drawn(0, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
