package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What a user is told of a name before it goes into a recipe. */
class PluginsShowTest {
  @Test
  void optionsHaveTypesDefaultsAndMeanings() throws IOException {
    JsonNode shown = show("adamw");

    assertThat(shown.get("kind").asText()).isEqualTo("optimizer");
    JsonNode decay = find(shown.get("options"), "key", "weight-decay");
    assertThat(decay.get("type").asText()).startsWith("a number");
    assertThat(decay.get("default").asDouble(-1)).isZero();
    assertThat(decay.get("description").asText()).isNotEmpty();
    assertThat(shown.get("costs")).isEmpty();
  }

  @Test
  void denseAttentionHasAllPairsAndShiftedSparseAttentionNearlyAQuarter() throws IOException {
    JsonNode dense = find(show("dense").get("costs"), "of", "16384 tokens");
    JsonNode sparse = find(show("s2-attn").get("costs"), "of", "16384 tokens");

    assertThat(dense.at("/figures/pairs_of_dense").asDouble()).isEqualTo(1);
    // Of the whole triangle, half the heads have four of a sixteenth each, the others three of a
    // sixteenth and two of a sixty-fourth.
    assertThat(sparse.at("/figures/pairs_of_dense").asDouble())
        .isCloseTo((4 / 16.0 + 3 / 16.0 + 2 / 64.0) / 2, within(0.001));
    assertThat(sparse.get("refusals")).isEmpty();
  }

  @Test
  void optionsAndAModelOfOnesOwnChangeTheCosts() throws IOException {
    JsonNode shown =
        CommandRun.succeed(
                "plugins",
                "show",
                "s2-attn",
                "--set",
                "group-size=64",
                "--model",
                CommandRun.golden().resolve("models/llama"),
                "--json")
            .json()
            .at("/extensions/0");

    assertThat(shown.get("model").asText()).endsWith("models/llama");
    JsonNode first = shown.at("/costs/0");
    assertThat(first.get("of").asText()).isEqualTo("128 tokens");
    // Half the heads have two of a quarter each, the others one of a quarter and two of a
    // sixteenth.
    assertThat(first.at("/figures/pairs_of_dense").asDouble())
        .isCloseTo((2 / 4.0 + 1 / 4.0 + 2 / 16.0) / 2, within(0.01));
  }

  @Test
  void fourBitsTakeAboutAQuarterOfBfloat16() throws IOException {
    JsonNode figures = show("nf4").at("/costs/0/figures");

    // 4 bits and 0.127 bits of doubly quantized scales (QLoRA, section 3), in place of 16.
    assertThat(figures.get("stored_bytes").asDouble() / figures.get("bfloat16_bytes").asDouble())
        .isCloseTo(4.127 / 16, within(0.001));
  }

  @Test
  void loraTrainsWhatItsRankSays() throws IOException {
    JsonNode figures =
        CommandRun.succeed("plugins", "show", "lora", "--set", "rank=8", "--json")
            .json()
            .at("/extensions/0/costs/0/figures");

    // Rank 8 on four projections of 4096 by 4096 in each of 32 layers.
    long adapter = 32L * 4 * 2 * 8 * 4096;
    assertThat(figures.get("trained_parameters").asLong()).isEqualTo(adapter);
    // meta-llama/Llama-2-7b-hf has 6738415616 parameters.
    assertThat(figures.get("parameters").asLong()).isEqualTo(6_738_415_616L + adapter);
  }

  @Test
  void requiredOptionsAreMarked() {
    CommandRun shown = CommandRun.succeed("plugins", "show", "token-rows");

    assertThat(shown.out()).contains("document source token-rows, of ").contains("required");
  }

  @Test
  void anUnknownNameIsAnsweredWithTheNearest() {
    CommandRun shown = CommandRun.of("plugins", "show", "s2-atn");

    assertThat(shown.exitCode()).isEqualTo(2);
    assertThat(shown.err())
        .isEqualToNormalizingNewlines(
            "There is no plugin and no extension 's2-atn'; did you mean s2-attn?\n");
  }

  @Test
  void aSettingThatIsWrongIsToldLikeInARecipe() {
    CommandRun shown = CommandRun.of("plugins", "show", "s2-attn", "--set", "group-ratio=3");

    assertThat(shown.exitCode()).isEqualTo(2);
    assertThat(shown.err())
        .contains("group-ratio: is 3, must be a number between 0 and 1 [wrong-value]");
  }

  private static JsonNode show(String name) throws IOException {
    return CommandRun.succeed("plugins", "show", name, "--json").json().at("/extensions/0");
  }

  private static JsonNode find(JsonNode rows, String key, String value) {
    for (JsonNode row : rows) {
      if (row.get(key).asText().equals(value)) {
        return row;
      }
    }
    throw new AssertionError("no " + value + " in " + rows);
  }
}
