package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExportTest {
  private static final Path LLAMA = CommandRun.golden().resolve("models/llama");

  @TempDir private Path folder;

  private static Path expected(String name) {
    return CommandRun.golden().resolve("expected/" + name + ".safetensors");
  }

  private void verify(Path model, String expected, String tolerance) {
    CommandRun.succeed(
        "verify", "--model", model, "--expected", expected(expected), "--tolerance", tolerance);
  }

  @ParameterizedTest
  @CsvSource({"float32, 1e-4", "float16, 5e-3", "bfloat16, 3e-2"})
  void whatIsExportedVerifies(String dtype, String tolerance) throws IOException {
    Path output = folder.resolve("out");
    JsonNode exported =
        CommandRun.succeed(
                "export",
                "--format",
                "safetensors",
                "--model",
                LLAMA,
                "--output",
                output,
                "--dtype",
                dtype,
                "--max-shard-size",
                "100KB",
                "--json")
            .json();
    assertThat(exported.get("dtype").asText()).isEqualTo(dtype);
    assertThat(exported.get("files").asInt()).isGreaterThan(2);
    assertThat(output.resolve("model.safetensors.index.json")).exists();
    verify(output, "llama", tolerance);
  }

  @ParameterizedTest
  @CsvSource({"lora", "longlora", "all-linear"})
  void anAdapterIsInWhatIsExported(String adapter) {
    Path output = folder.resolve("out");
    CommandRun.succeed(
        "export",
        "--format",
        "safetensors",
        "--model",
        LLAMA,
        "--adapter",
        CommandRun.golden().resolve("adapters/" + adapter),
        "--output",
        output);
    verify(output, "adapter-" + adapter, "1e-4");
  }

  @Test
  void aQuantizedModelBecomesOneOfFloats() throws IOException {
    Path output = folder.resolve("out");
    CommandRun.succeed(
        "export",
        "--format",
        "safetensors",
        "--model",
        CommandRun.golden().resolve("models/llama-nf4"),
        "--output",
        output,
        "--dtype",
        "float32");
    assertThat(SmallRun.json(output.resolve("config.json")).has("quantization_config")).isFalse();
    verify(output, "llama-nf4", "1e-4");
  }

  @Test
  void whatCannotBeIsRefusedAndNothingIsLeft() {
    Path output = folder.resolve("model.gguf");
    CommandRun untold =
        CommandRun.of("export", "--format", "gguf", "--model", LLAMA, "--output", output);
    assertThat(untold.exitCode()).isEqualTo(2);
    assertThat(untold.err()).contains("has no tokenizer.json");
    CommandRun sharded =
        CommandRun.of(
            "export",
            "--format",
            "gguf",
            "--model",
            LLAMA,
            "--output",
            output,
            "--max-shard-size",
            "1GB");
    assertThat(sharded.exitCode()).isEqualTo(2);
    assertThat(sharded.err()).contains("--max-shard-size goes with --format safetensors");
    CommandRun there =
        CommandRun.of("export", "--format", "safetensors", "--model", LLAMA, "--output", folder);
    assertThat(there.exitCode()).isEqualTo(2);
    assertThat(there.err()).contains("exists already");
    assertThat(Files.exists(output)).isFalse();
    assertThat(folder.toFile().list()).isEmpty();
  }
}
