package org.longlora4j.core.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.core.data.RowStream;
import org.longlora4j.core.data.Tokenizer;

class TopicRetrievalTest {
  private static final Pattern OPENING =
      Pattern.compile("USER: I would like to discuss the topic of (.+)\\.\n");

  @TempDir private Path model;

  @Test
  void aRecordOpensEachTopicByItsName() {
    TopicPrompt prompt = TopicPrompt.drawn(7, 3);
    List<String> opened =
        OPENING.matcher(prompt.text()).results().map(opening -> opening.group(1)).toList();
    assertThat(opened).isEqualTo(prompt.topics()).hasSize(7).doesNotHaveDuplicates();
    assertThat(prompt.text())
        .endsWith("\nASSISTANT: The first topic was")
        .doesNotContain("{topic}");
  }

  @Test
  void aSeedDecidesAll() {
    assertThat(TopicPrompt.drawn(5, 1)).isEqualTo(TopicPrompt.drawn(5, 1));
    assertThat(TopicPrompt.drawn(5, 2).text()).isNotEqualTo(TopicPrompt.drawn(5, 1).text());
    assertThat(TopicPrompt.drawn(TopicPrompt.MOST_TOPICS, 0).topics()).doesNotHaveDuplicates();
    assertThatThrownBy(() -> TopicPrompt.drawn(0, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anAnswerNamesTheFirstTopicAndNoOther() {
    TopicPrompt prompt = TopicPrompt.drawn(3, 0);
    String first = prompt.topics().get(0);
    String second = prompt.topics().get(1);
    assertThat(prompt.isToldBy(" " + first.toUpperCase(Locale.ROOT) + ".\nUSER: " + second))
        .isTrue();
    assertThat(prompt.isToldBy(" " + first + " and " + second)).isFalse();
    assertThat(prompt.isToldBy(second)).isFalse();
    assertThat(prompt.isToldBy("")).isFalse();
  }

  @Test
  void aModelThatReadsTheRecordIsRight() throws IOException {
    try (InputStream json = RowStream.class.getResourceAsStream("tokenizer.json")) {
      Files.write(model.resolve("tokenizer.json"), json.readAllBytes());
    }
    Files.writeString(model.resolve("config.json"), "{\"eos_token_id\": 1, \"vocab_size\": 263}");
    try (Tokenizer tokenizer = Tokenizer.inDirectory(model).orElseThrow()) {
      Continuation reader =
          (prompt, count) -> {
            Matcher opening = OPENING.matcher(tokenizer.decode(prompt));
            assertThat(opening.find()).isTrue();
            return tokenizer.encode(" " + opening.group(1));
          };
      List<TopicRetrieval.Result> results =
          new TopicRetrieval(tokenizer, reader).measure(List.of(1, 4), 3, 0);
      assertThat(results).extracting(TopicRetrieval.Result::topics).containsExactly(1, 4);
      assertThat(results).allMatch(result -> result.found() == 3 && result.accuracy() == 1);
      assertThat(results.get(1).meanTokens()).isGreaterThan(3 * results.get(0).meanTokens());
    }
  }
}
