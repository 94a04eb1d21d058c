package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every scaling from a recipe to a merged model that is extended anew. */
class ScalingsTest {
  private static final Path GOLDEN = CommandRun.golden();
  private static final String DIVISORS = "[1, 1.1, 1.2, 1.3, 1.5, 1.7, 1.9, 2]";

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"llama-linear", "llama-dynamic", "llama-yarn", "llama-llama3"})
  void aScaledModelPredictsAsInTransformers(String name) {
    CommandRun.succeed(
        "verify",
        "--model",
        GOLDEN.resolve("models/" + name),
        "--expected",
        GOLDEN.resolve("expected/" + name + ".safetensors"),
        "--tolerance",
        "1e-4");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          linear   | linear                                     | linear   | 256
          ntk      | ntk                                        | default  | 256
          dynamic  | dynamic                                    | dynamic  | 128
          yarn     | { use: yarn, attention-factor: 1.1 }       | yarn     | 256
          llama3   | llama3                                     | llama3   | 256
          longrope | { use: longrope, long-factor: DIVISORS }   | longrope | 256
          """)
  void aMergedModelTurnsAsItWasTrainedAndIsExtendedFromItsOriginalLength(
      String name, String position, String type, int positions) throws IOException {
    SmallRun run = SmallRun.in(directory);
    CommandRun trained =
        run.train(
            "position=" + position.replace("DIVISORS", DIVISORS),
            "adapter.use=lora",
            "training.steps=1");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    Path merged = directory.resolve("merged");
    CommandRun.succeed(
        "merge",
        "--model",
        GOLDEN.resolve("models/llama"),
        "--adapter",
        run.output(),
        "--output",
        merged);

    JsonNode config = SmallRun.json(merged.resolve("config.json"));
    assertThat(config.at("/rope_parameters/rope_type").asText()).isEqualTo(type);
    assertThat(config.at("/rope_scaling/rope_type").asText()).isEqualTo(type);
    assertThat(config.at("/rope_scaling/type").asText()).isEqualTo(type);
    assertThat(config.at("/rope_parameters/rope_theta")).isEqualTo(config.get("rope_theta"));
    assertThat(config.get("max_position_embeddings").asInt()).isEqualTo(positions);
    assertThat(config.get("original_max_position_embeddings").asInt()).isEqualTo(128);
    Path together = directory.resolve("together.safetensors");
    Logits.of(GOLDEN.resolve("models/llama"), Optional.of(run.output()), together);
    CommandRun.succeed("verify", "--model", merged, "--expected", together, "--tolerance", "1e-5");

    JsonNode anew = frequencies(run, "model=" + merged, "position=linear", "context=512");
    assertThat(anew.get("original_length").asInt()).isEqualTo(128);
    assertThat(anew.at("/after/factor").asDouble()).isEqualTo(4);
    assertThat(anew.at("/after/rope_theta").asDouble()).isEqualTo(10000);
  }

  @Test
  void frequenciesAreShownBeforeAndAfter() throws IOException {
    SmallRun run = SmallRun.in(directory);
    JsonNode ntk = frequencies(run, "position=ntk", "context=512");

    assertThat(ntk.get("rotary_dim").asInt()).isEqualTo(16);
    assertThat(ntk.get("context").asInt()).isEqualTo(512);
    assertThat(ntk.at("/before/rope_theta").asDouble()).isEqualTo(10000);
    assertThat(ntk.get("dimensions").size()).isEqualTo(8);
    JsonNode fastest = ntk.at("/dimensions/0");
    assertThat(fastest.get("wavelength_before").asDouble()).isCloseTo(2 * Math.PI, within(1e-6));
    assertThat(fastest.get("stretch").asDouble()).isEqualTo(1);
    JsonNode slowest = ntk.at("/dimensions/7");
    // 2π · 10000^(14/16) tokens, and four times as many
    assertThat(slowest.get("wavelength_before").asDouble()).isCloseTo(19869.18, within(0.01));
    assertThat(slowest.get("wavelength_after").asDouble()).isCloseTo(79476.7, within(0.1));
    assertThat(slowest.get("stretch").asDouble()).isCloseTo(4, within(1e-5));
  }

  @Test
  void frequenciesAreDrawn() throws IOException {
    CommandRun shown =
        CommandRun.succeed(
            "recipe",
            "show",
            SmallRun.in(directory).recipe(),
            "--frequencies",
            "--set",
            "position=yarn");
    assertThat(shown.out())
        .contains("original length  128 tokens")
        .contains("after            yarn, factor 2.0", "cosine and sine times 1.0693")
        .containsPattern("7, 15 +19869\\.18 +39738\\.\\d+ +2\\.000 +#{24}");
  }

  @Test
  void aScalingThatDoesNotFitIsNamedWithItsKey() throws IOException {
    CommandRun shown =
        CommandRun.of(
            "recipe",
            "show",
            SmallRun.in(directory).recipe(),
            "--frequencies",
            "--set",
            "position={use: longrope, long-factor: [1, 2]}");
    assertThat(shown.exitCode()).isEqualTo(2);
    assertThat(shown.err()).contains("position.long-factor: has 2 numbers, must have 8");
  }

  private static JsonNode frequencies(SmallRun run, String... settings) throws IOException {
    Object[] arguments = new Object[5 + 2 * settings.length];
    arguments[0] = "recipe";
    arguments[1] = "show";
    arguments[2] = run.recipe();
    arguments[3] = "--frequencies";
    arguments[4] = "--json";
    for (int i = 0; i < settings.length; i++) {
      arguments[5 + 2 * i] = "--set";
      arguments[6 + 2 * i] = settings[i];
    }
    return CommandRun.succeed(arguments).json();
  }
}
