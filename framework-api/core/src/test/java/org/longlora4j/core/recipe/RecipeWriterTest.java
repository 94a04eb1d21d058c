package org.longlora4j.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeWriterTest {
  @TempDir private Path folder;

  private final RecipeReader reader =
      new RecipeReader(StandInPlugin.registry(), RecipeLibrary.empty());

  private Recipe read(Path file, String... overrides) {
    return reader.read(file, List.of(overrides));
  }

  @Test
  void writesEveryDefaultInTheOrderOfTheDocumentation() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("run.yaml"),
            """
            training: { steps: 6, recompute: true }
            data: { use: token-rows, path: rows.safetensors, tensor: data }
            context: 256
            attention: s2-attn
            adapter: { use: lora, start-from: before }
            model: llama
            """);

    assertThat(RecipeWriter.write(read(file)).replace(folder.toString(), "/here"))
        .startsWith(
            """
            model: /here/llama
            output: /here/run
            context: 256
            attention: {use: s2-attn, group-ratio: 0.25, variant: segmented}
            adapter:
              use: lora
              start-from: /here/before
              rank: 8
              alpha: 16.0
              targets: [q_proj, v_proj]
            position: {use: none}
            quantization: {use: none}
            data: {use: token-rows, path: /here/rows.safetensors, tensor: data}
            pack: concat
            training:
              steps: 6
              batch-size: 1
              shuffle-rows: 1
              accumulate: 1
              learning-rate: 2.0e-5
              schedule: constant-with-warmup
              warmup-steps: 0
              max-grad-norm: 1.0
              optimizer:
                use: adamw
            """)
        .endsWith(
            """
              precision: auto
              recompute: true
              checkpoint-every: 100
              keep-checkpoints: 2
              seed: 42
            listeners: []
            """);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense", "longlora", "longqlora", "plain-lora", "rolled", "yarn"})
  void readsBackToTheSameRecipe(String run) throws IOException, URISyntaxException {
    Path golden = RecipeReaderTest.golden("run-" + run);
    Path file = Files.copy(golden, folder.resolve("run.yaml"));
    Recipe recipe =
        read(
            file,
            "evaluation={every: 3, data: {use: token-rows, path: a.safetensors, tensor: '1e-8'}}",
            "listeners=[{use: every-type, whole: 1, path: logs, inner: {words: [a]}}]");

    Files.writeString(file, RecipeWriter.write(recipe));

    assertThat(read(file)).isEqualTo(recipe);
  }

  @Test
  void writesSectionsWithinSections() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("run.yaml"),
            """
            model: llama
            context: 256
            data:
              use: blend
              sources: { source: { use: documents, path: a.txt } }
              rest: { use: token-rows, path: rows.safetensors, tensor: data }
            training: { steps: 6 }
            """);
    String written = RecipeWriter.write(read(file));

    assertThat(written.replace(folder.toString(), "/here"))
        .contains("- source:\n      use: documents\n      path: [/here/a.txt]\n    weight: 1.0\n");
    Path elsewhere = Files.writeString(folder.resolve("resolved.yaml"), written);
    assertThat(RecipeWriter.write(read(elsewhere)).replace("/resolved", "/run")).isEqualTo(written);
  }

  @Test
  void writesPatternsThatMeanTheSameFromAnyFolder() throws IOException {
    Path odd = Files.createDirectory(folder.resolve("[odd]"));
    Path file =
        Files.writeString(
            odd.resolve("run.yaml"),
            """
            model: llama
            context: 256
            data: { use: documents, path: corpus/*.txt }
            training: { steps: 6 }
            """);
    String written = RecipeWriter.write(read(file, "data.path=[corpus/*.txt, plain.txt]"));

    assertThat(written)
        .contains(folder + "/\\[odd\\]/corpus/*.txt")
        .contains(folder + "/[odd]/plain.txt");
    Path elsewhere = Files.writeString(folder.resolve("resolved.yaml"), written);
    assertThat(RecipeWriter.write(read(elsewhere))).isEqualTo(written);
  }
}
