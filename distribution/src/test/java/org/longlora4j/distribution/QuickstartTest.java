package org.longlora4j.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.distribution.AssembledCommand.Ended;

/** The quick start with the model that ships, cut short. */
@DisabledOnOs(OS.WINDOWS)
final class QuickstartTest {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  @TempDir private Path directory;

  private Ended quickstart(Object... more) throws Exception {
    ProcessBuilder builder =
        AssembledCommand.builder(AssembledCommand.LONGLORA, "quickstart", "--json");
    builder.command().addAll(List.of("--lengths", "512", "--trials", "1"));
    builder.command().addAll(List.of("--set", "context=1024"));
    builder.command().addAll(List.of("--set", "training.steps=1"));
    for (Object argument : more) {
      builder.command().add(argument.toString());
    }
    return AssembledCommand.run(directory, builder.directory(directory.toFile()));
  }

  @Test
  void it_leaves_a_report_a_run_and_a_model_and_tells_what_it_measured() throws Exception {
    Ended ended = quickstart();

    assertThat(ended.exitCode()).as(ended.err()).isZero();
    JsonNode summary = JSON.readTree(ended.out());
    JsonNode row = summary.get("by_length").get(0);
    assertThat(row.get("length").asInt()).isEqualTo(512);
    assertThat(row.get("perplexity_before").asDouble()).isBetween(1.0, 20.0);
    assertThat(row.get("passkey_before").asDouble()).isBetween(0.0, 1.0);
    assertThat(row.get("passkey_after").asDouble()).isBetween(0.0, 1.0);
    assertThat(summary.get("seconds").asDouble()).isPositive();
    assertThat(summary.get("peak_memory_bytes").asLong()).isPositive();
    Path output = directory.resolve("longlora-quickstart");
    assertThat(output.resolve("report.html")).content().contains("<svg", "assk");
    assertThat(output.resolve("run/adapter_model.safetensors")).exists();
    JsonNode config = JSON.readTree(output.resolve("model/config.json").toFile());
    assertThat(config.get("max_position_embeddings").asInt()).isEqualTo(1024);
    assertThat(output.resolve("model/tokenizer.json")).exists();
  }

  @Test
  void what_is_there_already_is_left_alone() throws Exception {
    Path output = Files.createDirectory(directory.resolve("longlora-quickstart"));

    Ended ended = quickstart();

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err())
        .isEqualTo(
            output.toRealPath()
                + " exists already. Remove it, or name another place by --output.\n");
    assertThat(output).isEmptyDirectory();
  }
}
