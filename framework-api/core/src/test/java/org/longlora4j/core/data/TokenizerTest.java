package org.longlora4j.core.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.plugin.InvalidInputException;

class TokenizerTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path model;

  @Test
  void aModelWithoutTokenizerJsonHasNone() {
    assertThat(Tokenizer.inDirectory(model)).isEmpty();
  }

  @Test
  void textBecomesTokensAndTextAgain() throws IOException {
    try (Tokenizer tokenizer = open()) {
      assertThat(tokenizer.encode("hello who"))
          .containsExactly(261, 262, 'h' + 2, 'o' + 2); // hello, space and w, h, o
      assertThat(tokenizer.decode(tokenizer.encode("hello who"))).isEqualTo("hello who");
      assertThat(tokenizer.encode("")).isEmpty();
      assertThat(tokenizer.decode(new int[0])).isEmpty();
    }
  }

  @Test
  void charactersOutsideTheBasicPlaneAndControlCharactersSurvive() throws IOException {
    String text = "\u0000\t\r\n\u00e9\u4e2d\ud83d\ude00";
    try (Tokenizer tokenizer = open()) {
      assertThat(tokenizer.encode("\ud83d\ude00"))
          .containsExactly(0xf0 + 2, 0x9f + 2, 0x98 + 2, 0x80 + 2);
      assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    }
  }

  @Test
  void everyTokenStandsForBytesOfTheText() throws IOException {
    try (Tokenizer tokenizer = open()) {
      for (String text :
          new String[] {"", "hello who", "\u00e9\u4e2d\ud83d\ude00 b", "  a </s> "}) {
        Tokenizer.MeasuredText measured = tokenizer.encodeMeasured(text);
        assertThat(measured.tokens()).isEqualTo(tokenizer.encode(text));
        assertThat(IntStream.of(measured.bytes()).sum()).isEqualTo(text.getBytes(UTF_8).length);
      }
      assertThat(tokenizer.encodeMeasured("hello who").bytes()).containsExactly(5, 2, 1, 1);
      assertThat(tokenizer.encodeMeasured("\ud83d\ude00b").bytes()).containsExactly(4, 0, 0, 0, 1);
    }
  }

  @Test
  void halfASurrogatePairIsReplacedRatherThanFatal() throws IOException {
    try (Tokenizer tokenizer = open()) {
      assertThat(tokenizer.decode(tokenizer.encode("a\ud83db"))).startsWith("a").endsWith("b");
    }
  }

  @Test
  void neitherTruncationNorPaddingOfTheFileIsHeeded() throws IOException {
    try (Tokenizer tokenizer = open()) {
      assertThat(tokenizer.encode("a")).hasSize(1);
      assertThat(tokenizer.encode("a".repeat(5000))).hasSize(5000);
      assertThat(tokenizer.encodePrompt("a".repeat(5000))).hasSize(5000);
    }
  }

  @Test
  void specialTokensInTextAreReadAndLeftOutOfDecodedText() throws IOException {
    try (Tokenizer tokenizer = open()) {
      assertThat(tokenizer.encode("<s>a</s>")).containsExactly(0, 'a' + 2, 1);
      assertThat(tokenizer.decode(new int[] {0, 'a' + 2, 1})).isEqualTo("a");
    }
  }

  @Test
  void aPromptBeginsWithWhatThePostProcessorPutsThere() throws IOException {
    String template =
        """
        {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                    {"Sequence": {"id": "A", "type_id": 0}}],
         "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
         "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}}}""";
    String json = resource().replace("\"post_processor\": null", "\"post_processor\": " + template);
    write("tokenizer.json", json);
    write("tokenizer_config.json", "{\"add_bos_token\": true, \"bos_token\": \"<s>\"}");
    try (Tokenizer tokenizer = Tokenizer.inDirectory(model).orElseThrow()) {
      assertThat(tokenizer.encodePrompt("a")).containsExactly(0, 'a' + 2);
      assertThat(tokenizer.encode("a")).containsExactly('a' + 2);
    }
  }

  @Test
  void aPromptBeginsWithTheTokenThatTheConfigWantsThere() throws IOException {
    write(
        "tokenizer_config.json",
        "{\"add_bos_token\": true, \"bos_token\": {\"content\": \"<s>\", \"special\": true}}");
    try (Tokenizer tokenizer = open()) {
      assertThat(tokenizer.encodePrompt("a")).containsExactly(0, 'a' + 2);
      assertThat(tokenizer.encodePrompt("")).containsExactly(0);
      assertThat(tokenizer.encode("a")).containsExactly('a' + 2);
    }
  }

  @Test
  void theEndTokenComesFromTheFirstFileThatNamesOne() throws IOException {
    write("tokenizer_config.json", "{\"eos_token\": \"hello\"}");
    try (Tokenizer tokenizer = open()) {
      assertThat(tokenizer.endToken()).isEqualTo(261);
    }
    write("tokenizer_config.json", "{\"eos_token\": {\"content\": \"</s>\"}}");
    try (Tokenizer tokenizer = open()) {
      assertThat(tokenizer.endToken()).isEqualTo(1);
    }
    write("config.json", "{\"eos_token_id\": 7}");
    try (Tokenizer tokenizer = open()) {
      assertThat(tokenizer.endToken()).isEqualTo(7);
    }
    write("generation_config.json", "{\"eos_token_id\": [9, 8]}");
    try (Tokenizer tokenizer = open()) {
      assertThat(tokenizer.endToken()).isEqualTo(9);
      assertThat(tokenizer.stopTokens()).containsExactly(9, 8);
    }
    write("generation_config.json", "{\"eos_token_id\": null}");
    try (Tokenizer tokenizer = open()) {
      assertThat(tokenizer.stopTokens()).containsExactly(7);
    }
  }

  @Test
  void aModelWithoutAnEndTokenIsToldHowToGiveOne() throws IOException {
    try (Tokenizer tokenizer = open()) {
      assertThat(tokenizer.stopTokens()).isEmpty();
      assertThatThrownBy(tokenizer::endToken)
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(
              model
                  + " names no end token: give eos_token_id in its config.json, or eos_token in its"
                  + " tokenizer_config.json");
    }
  }

  @Test
  void anEndTokenThatIsNoTokenIsRefused() throws IOException {
    write("tokenizer_config.json", "{\"eos_token\": \"<end>\"}");
    assertThatThrownBy(this::open)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("tokenizer_config.json: eos_token is '<end>'");
    write("config.json", "{\"eos_token_id\": [1, \"two\"]}");
    assertThatThrownBy(this::open)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("config.json: eos_token_id is [1,\"two\"]");
  }

  @Test
  void aTokenBeyondTheModelsVocabularyIsNamedWithItsSize() throws IOException {
    write("config.json", "{\"vocab_size\": 258, \"eos_token_id\": 300}");
    try (Tokenizer tokenizer = open()) {
      assertThat(tokenizer.encode("a")).containsExactly('a' + 2);
      assertThatThrownBy(() -> tokenizer.encode("hello"))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("tokenizer.json gives token 261")
          .hasMessageContaining("vocab_size 258");
      assertThatThrownBy(tokenizer::endToken)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("300");
    }
  }

  @Test
  void aBrokenFileIsNamed() throws IOException {
    write("tokenizer.json", "{\"version\": \"1.0\", ");
    assertThatThrownBy(() -> Tokenizer.inDirectory(model))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(model.resolve("tokenizer.json") + " is no tokenizer: ");
    write("tokenizer.json", resource());
    write("generation_config.json", "{");
    assertThatThrownBy(() -> Tokenizer.inDirectory(model))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(model.resolve("generation_config.json") + " is not JSON");
  }

  @Test
  void theStoriesModelIsTokenizedAsTransformersDoes() throws IOException {
    Optional<Path> stories = stories();
    assumeTrue(stories.isPresent(), "there is no shared/models/stories260k above this folder");
    JsonNode cases;
    try (InputStream json =
        TokenizerTest.class.getResourceAsStream("/golden/stories-generate.json")) {
      cases = JSON.readTree(json);
    }
    try (Tokenizer tokenizer = Tokenizer.inDirectory(stories.get()).orElseThrow()) {
      assertThat(tokenizer.endToken()).isEqualTo(2);
      assertThat(cases).isNotEmpty();
      for (JsonNode example : cases) {
        int[] prompt = ids(example.get("prompt_ids"));
        assertThat(tokenizer.encodePrompt(example.get("prompt").asText())).isEqualTo(prompt);
        int[] all =
            IntStream.concat(IntStream.of(prompt), IntStream.of(ids(example.get("greedy_ids"))))
                .toArray();
        assertThat(tokenizer.decode(all)).isEqualTo(example.get("text").asText());
      }
    }
  }

  private static Optional<Path> stories() {
    return Stream.iterate(
            Path.of(System.getProperty("user.dir")), folder -> folder != null, Path::getParent)
        .map(folder -> folder.resolve("shared/models/stories260k"))
        .filter(Files::isDirectory)
        .findFirst();
  }

  private static int[] ids(JsonNode numbers) {
    return IntStream.range(0, numbers.size()).map(i -> numbers.get(i).intValue()).toArray();
  }

  private Tokenizer open() throws IOException {
    write("tokenizer.json", resource());
    return Tokenizer.inDirectory(model).orElseThrow();
  }

  private void write(String file, String json) throws IOException {
    Files.writeString(model.resolve(file), json);
  }

  private static String resource() throws IOException {
    return ByteLevelTokenizer.json();
  }
}
