package org.longlora4j.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.train.Optimizer;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.core.plugin.Choice;

class RecipeReaderTest {
  private static final String MINIMAL =
      """
      model: llama
      context: 256
      data: { use: token-rows, path: rows.safetensors, tensor: data }
      training: { steps: 6 }
      """;

  @TempDir private Path folder;

  private Path write(String name, String yaml) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, yaml);
  }

  private static Recipe read(Path file, String... overrides) {
    return reader(RecipeLibrary.empty()).read(file, List.of(overrides));
  }

  private static RecipeReader reader(RecipeLibrary shipped) {
    return new RecipeReader(StandInPlugin.registry(), shipped);
  }

  @Test
  void aModelMayStartFromRandomWeights() throws IOException {
    Path file =
        write(
            "run.yaml",
            MINIMAL.replace(
                "model: llama",
                """
                model:
                  init: { model_type: llama, hidden_size: 64, rms_norm_eps: 1e-5 }
                  seed: 7
                  tokenizer: bytes
                """));

    ModelStart start = read(file).model();

    assertThat(start.init())
        .contains(Map.of("model_type", "llama", "hidden_size", 64, "rms_norm_eps", 1e-5));
    assertThat(start.seed()).isEqualTo(7);
    assertThat(start.tokenizer()).contains(folder.resolve("bytes"));
    Path written = write("again.yaml", RecipeWriter.write(read(file)));
    assertThat(read(written).model()).isEqualTo(start);
  }

  @Test
  void readsTheRecipeOfAReferenceRun() throws URISyntaxException {
    Path golden = golden("run-longqlora");

    Recipe recipe = read(golden);

    Path root = golden.getParent().getParent();
    assertThat(recipe.file()).isEqualTo(golden);
    assertThat(recipe.model().path()).contains(root.resolve("models/llama"));
    assertThat(recipe.output()).isEqualTo(golden.resolveSibling("run-longqlora"));
    assertThat(recipe.context()).isEqualTo(256);
    assertThat(recipe.attention().name()).isEqualTo("s2-attn");
    assertThat(recipe.attention().options())
        .isEqualTo(
            new StandInPlugin.SparseOptions(
                0.25, OptionalInt.empty(), StandInPlugin.Variant.ROLLED));
    assertThat(recipe.startFrom()).contains(root.resolve("adapters/all-linear"));
    assertThat(recipe.adapter().options())
        .isEqualTo(new StandInPlugin.LoraOptions(8, 16, List.of("q_proj", "v_proj")));
    assertThat(recipe.position().options())
        .isEqualTo(new StandInPlugin.FactorOptions(OptionalDouble.of(2)));
    assertThat(recipe.quantization().options()).isEqualTo(new StandInPlugin.FourBitOptions(true));
    assertThat(recipe.data().options())
        .isEqualTo(
            new StandInPlugin.RowOptions(
                root.resolve("expected/run-longqlora.safetensors"), "data"));
    assertThat(recipe.evaluation()).isEmpty();
    assertThat(recipe.listeners()).isEmpty();
    TrainingOptions training = recipe.training();
    assertThat(training.steps()).isEqualTo(6);
    assertThat(training.accumulate()).isEqualTo(2);
    assertThat(training.learningRate()).isEqualTo(0.002);
    assertThat(training.schedule()).isEqualTo(TrainingOptions.Schedule.CONSTANT_WITH_WARMUP);
    assertThat(training.warmupSteps()).isEqualTo(2);
    assertThat(training.precision()).isEqualTo(TrainingOptions.PrecisionSetting.FLOAT32);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense", "longlora", "plain-lora", "rolled", "yarn"})
  void readsEveryOtherReferenceRun(String run) throws URISyntaxException {
    assertThat(read(golden("run-" + run)).output().getFileName()).hasToString("run-" + run);
  }

  static Path golden(String name) throws URISyntaxException {
    return Path.of(RecipeReaderTest.class.getResource("/golden/recipes/" + name + ".yaml").toURI());
  }

  @Test
  void fillsInDefaults() throws IOException {
    Recipe recipe = read(write("run.yaml", MINIMAL));

    assertThat(recipe.output()).isEqualTo(folder.resolve("run"));
    assertThat(recipe.attention().name()).isEqualTo("dense");
    assertThat(recipe.adapter().name()).isEqualTo("full");
    assertThat(recipe.startFrom()).isEmpty();
    assertThat(recipe.position().name()).isEqualTo("none");
    assertThat(recipe.quantization().name()).isEqualTo("none");
    assertThat(recipe.training().optimizer().name()).isEqualTo("adamw");
    assertThat(recipe.training().learningRate()).isEqualTo(2e-5);
    assertThat(recipe.training().schedule())
        .isEqualTo(TrainingOptions.Schedule.CONSTANT_WITH_WARMUP);
    assertThat(recipe.training().maxGradNorm()).isEqualTo(1);
    assertThat(recipe.training().precision()).isEqualTo(TrainingOptions.PrecisionSetting.AUTO);
    assertThat(recipe.training().recompute()).isEqualTo(TrainingOptions.Recompute.AUTO);
    assertThat(recipe.training().checkpointEvery()).isEqualTo(100);
    assertThat(recipe.training().keepCheckpoints()).isEqualTo(2);
    assertThat(recipe.training().seed()).isEqualTo(42);
  }

  @Test
  void namesTheOutputApartFromARecipeWithoutExtension() throws IOException {
    assertThat(read(write("recipe", MINIMAL)).output()).isEqualTo(folder.resolve("recipe-run"));
  }

  @Test
  void takesBareNamesWhereverExtensionsAreChosen() throws IOException {
    Recipe recipe =
        read(write("run.yaml", MINIMAL + "attention: s2-attn\nadapter: lora\nposition: linear\n"));

    assertThat(recipe.attention().name()).isEqualTo("s2-attn");
    assertThat(recipe.adapter().name()).isEqualTo("lora");
    assertThat(recipe.position().name()).isEqualTo("linear");
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "keep-attention", "mlp", "false", "auto"})
  void takesEachWayToRecompute(String value) throws IOException {
    Recipe recipe = read(write("run.yaml", MINIMAL), "training.recompute=" + value);

    assertThat(KebabCase.ofConstant(recipe.training().recompute())).isEqualTo(value);
  }

  @Test
  void readsNumbersAsYaml12Does() throws IOException {
    Path file =
        write(
            "run.yaml",
            MINIMAL.replace("{ steps: 6 }", "{ steps: 1e3, learning-rate: 1e-8, seed: 0x10 }"));

    TrainingOptions training = read(file).training();

    assertThat(training.steps()).isEqualTo(1000);
    assertThat(training.learningRate()).isEqualTo(1e-8);
    assertThat(training.seed()).isEqualTo(16);
  }

  @Test
  void bindsEveryTypeThatAnOptionMayHave() throws IOException {
    Path file =
        write(
            "run.yaml",
            MINIMAL
                + """
                listeners:
                  use: every-type
                  whole: 1
                  path: logs
                  files: corpus/**/*.txt
                  inner: { words: one }
                  inners: [{ words: [a, b], level: 4 }]
                  maybe-whole: 2
                  maybe-real: 3
                  boxed-whole: 4
                  boxed-real: 5.5
                """);

    assertThat(read(file).listeners())
        .extracting(Choice::options)
        .containsExactly(
            new StandInPlugin.EveryType(
                1,
                5_000_000_000L,
                1e-8,
                true,
                "1e-8",
                Optional.of(folder.resolve("logs")),
                Optional.of(new FilePattern(folder, "corpus/**/*.txt")),
                StandInPlugin.Variant.ACROSS_LAYERS,
                Optional.of(new StandInPlugin.Inner(List.of("one"), 3)),
                List.of(7),
                Optional.of(List.of(new StandInPlugin.Inner(List.of("a", "b"), 4))),
                OptionalInt.of(2),
                OptionalDouble.of(3),
                Optional.of(4),
                Optional.of(5.5)));
  }

  @Test
  void mergesWhatARecipeExtends() throws IOException {
    write(
        "base/base.yaml",
        MINIMAL.replace("training: { steps: 6 }", "training: { steps: 6, warmup-steps: 3 }")
            + "attention: { use: s2-attn, group-ratio: 0.5, variant: rolled }\n");
    Path file =
        write(
            "run.yaml",
            """
            extends: base/base.yaml
            attention: { group-ratio: 0.125 }
            training: { steps: 9 }
            """);

    Recipe recipe = read(file);

    assertThat(recipe.attention().options())
        .isEqualTo(
            new StandInPlugin.SparseOptions(
                0.125, OptionalInt.empty(), StandInPlugin.Variant.ROLLED));
    assertThat(recipe.training().steps()).isEqualTo(9);
    assertThat(recipe.training().warmupSteps()).isEqualTo(3);
    assertThat(recipe.model().path()).contains(folder.resolve("base/llama"));
    assertThat(recipe.output()).isEqualTo(folder.resolve("run"));
  }

  @Test
  void extendsAShippedRecipeByName() throws IOException {
    write("shipped/longlora.yaml", "attention: s2-attn\nadapter: lora-plus\n");
    Path file = write("run.yaml", "extends: longlora\n" + MINIMAL);

    Recipe recipe = reader(RecipeLibrary.in(folder.resolve("shipped"))).read(file, List.of());

    assertThat(recipe.attention().name()).isEqualTo("s2-attn");
    assertThat(recipe.adapter().name()).isEqualTo("lora-plus");
  }

  @Test
  void dropsTheOptionsOfAnotherExtension() throws IOException {
    write("base.yaml", MINIMAL + "adapter: { use: lora, rank: 64, start-from: before }\n");
    Path file = write("run.yaml", "extends: ./base.yaml\nadapter: full\n");

    Recipe recipe = read(file);

    assertThat(recipe.adapter().name()).isEqualTo("full");
    assertThat(recipe.startFrom()).isEmpty();
  }

  @Test
  void keepsTheOptionsOfTheSameExtension() throws IOException {
    write("base.yaml", MINIMAL + "adapter: { use: lora, rank: 64, start-from: before }\n");
    Path file = write("run.yaml", "extends: ./base.yaml\nadapter: lora\n");

    Recipe recipe = read(file);

    assertThat(recipe.adapter().options())
        .isEqualTo(new StandInPlugin.LoraOptions(64, 16, List.of("q_proj", "v_proj")));
    assertThat(recipe.startFrom()).contains(folder.resolve("before"));
  }

  @Test
  void takesAwayWhatAnEmptyValueStandsFor() throws IOException {
    write(
        "base.yaml", MINIMAL + "evaluation: { every: 5, data: { use: documents, path: a.txt } }\n");
    Path file = write("run.yaml", "extends: ./base.yaml\n");

    assertThat(read(file).evaluation())
        .hasValueSatisfying(
            evaluation -> {
              assertThat(evaluation.every()).isEqualTo(5);
              assertThat(evaluation.rows()).isEqualTo(16);
            });
    assertThat(read(file, "evaluation=").evaluation()).isEmpty();
    assertThat(read(file, "evaluation=null").evaluation()).isEmpty();
  }

  @Test
  void putsSettingsAboveTheFile() throws IOException {
    Path file = write("run.yaml", MINIMAL + "attention: { use: s2-attn, variant: rolled }\n");

    assertThat(read(file, "training.steps=20").training().steps()).isEqualTo(20);
    assertThat(read(file, "attention.use=dense").attention().name()).isEqualTo("dense");
    assertThat(read(file, "attention={use: dense}").attention().name()).isEqualTo("dense");
    assertThat(read(file, "attention=dense").attention().name()).isEqualTo("dense");
    assertThat(read(file, "attention.group-ratio=0.5").attention().options())
        .isEqualTo(
            new StandInPlugin.SparseOptions(
                0.5, OptionalInt.empty(), StandInPlugin.Variant.ROLLED));
  }

  @Test
  void combinesSettingsInAnyOrder() throws IOException {
    Path file = write("run.yaml", MINIMAL);

    Recipe recipe = read(file, "attention.group-ratio=0.5", "attention.use=s2-attn");

    assertThat(recipe.attention().options())
        .isEqualTo(
            new StandInPlugin.SparseOptions(
                0.5, OptionalInt.empty(), StandInPlugin.Variant.SEGMENTED));
  }

  @Test
  void resolvesPathsOfSettingsAgainstTheRecipe() throws IOException {
    write("base/base.yaml", MINIMAL);
    Path file = write("run.yaml", "extends: base/base.yaml\n");

    Recipe recipe = read(file, "model=other", "output=out/run");

    assertThat(recipe.model().path()).contains(folder.resolve("other"));
    assertThat(recipe.output()).isEqualTo(folder.resolve("out/run"));
  }

  @Test
  void choosesAnExtensionWithoutARecipe() {
    RecipeReader reader = reader(RecipeLibrary.empty());

    assertThat(
            reader
                .choose(AttentionPattern.class, "{use: s2-attn, group-ratio: 0.5}", folder)
                .options())
        .isEqualTo(
            new StandInPlugin.SparseOptions(
                0.5, OptionalInt.empty(), StandInPlugin.Variant.SEGMENTED));
    assertThat(reader.choose(Optimizer.class, "adamw", folder).name()).isEqualTo("adamw");
    assertThat(reader.choose(TrainingListener.class, "{use: every-type, whole: 1}", folder).name())
        .isEqualTo("every-type");
  }
}
