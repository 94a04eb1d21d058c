package org.longlora4j.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.LoadedPlugin;

class RecipeMistakesTest {
  private static final String MINIMAL =
      """
      model: llama
      context: 256
      data: { use: token-rows, path: rows.safetensors, tensor: data }
      training: { steps: 6 }
      """;

  @TempDir private Path folder;

  private Path write(String name, String yaml) throws IOException {
    return Files.writeString(folder.resolve(name), yaml);
  }

  /** The lines of the error, with the folder and the kinds of mistakes left out. */
  private List<String> mistakes(Path file, String... overrides) {
    return kinds(file, overrides).stream()
        .map(line -> line.replaceFirst(" \\[[a-z-]+]$", ""))
        .toList();
  }

  private List<String> kinds(Path file, String... overrides) {
    Throwable thrown =
        catchThrowable(
            () ->
                new RecipeReader(StandInPlugin.registry(), shipped())
                    .read(file, List.of(overrides)));
    assertThat(thrown).isInstanceOf(InvalidInputException.class);
    return thrown.getMessage().replace(folder + "/", "").lines().toList();
  }

  private RecipeLibrary shipped() {
    return RecipeLibrary.in(folder.resolve("shipped"));
  }

  private List<String> mistakesOf(String yaml) throws IOException {
    return mistakes(write("run.yaml", yaml));
  }

  @Test
  void aModelHasOneStart() throws IOException {
    String line = "model: llama";
    assertThat(mistakesOf(MINIMAL.replace(line, "model: { path: a, init: { hidden_size: 1 } }")))
        .containsExactly(
            "run.yaml:1:8: model: path and init are both given; training starts from one of them");
    assertThat(mistakesOf(MINIMAL.replace(line, "model: { seed: 1 }")))
        .containsExactly(
            "run.yaml:1:8: model: neither path nor init is given; give a checkpoint directory");
    assertThat(mistakesOf(MINIMAL.replace(line, "model: { path: a, tokenizer: b }")))
        .containsExactly(
            "run.yaml:1:8: model: seed and tokenizer go with init; a checkpoint has its weights and"
                + " its tokenizer");
  }

  @Test
  void eachMistakeEndsWithItsKind() throws IOException {
    Path file =
        write(
            "run.yaml",
            """
            model: { path: a, init: { hidden_size: 1 } }
            contxt: 256
            attention: s2-atn
            adapter: { use: lora, rank: 0, targets: [q_proj] }
            data: { use: documents }
            data: documents
            training: { steps: 6 }
            """);

    assertThat(kinds(file))
        .extracting(line -> line.replaceFirst(".*\\[", "["))
        .containsExactly(
            "[unreadable]",
            "[unknown-option]",
            "[contradiction]",
            "[missing-option]",
            "[unknown-name]",
            "[wrong-value]",
            "[missing-option]");
  }

  @Test
  void aNameThatTwoPluginsOfferIsNeithers() throws IOException {
    ExtensionRegistry registry =
        new ExtensionRegistry(
            List.of(
                new LoadedPlugin(new StandInPlugin(), "first", "1.0", "/plugins/first.jar"),
                new LoadedPlugin(new StandInPlugin(), "second", "2.0", "/plugins/second.jar")));
    RecipeReader reader = new RecipeReader(registry, shipped());
    Path file = write("run.yaml", MINIMAL + "attention: s2-attn\n");

    assertThatThrownBy(() -> reader.read(file, List.of()))
        .hasMessageContaining(
            file
                + ":5:12: attention.use: is 's2-attn', which first 1.0 (/plugins/first.jar) and"
                + " second 2.0 (/plugins/second.jar) offer; remove all but one of these jars"
                + " [ambiguous-name]");
  }

  @Test
  void whatIsFoundOutLaterKnowsItsLineToo() throws IOException {
    write("shipped.yaml", "attention: { use: s2-attn, group-ratio: 0.5 }\n");
    Path file = write("run.yaml", "extends: ./shipped.yaml\n" + MINIMAL);
    Recipe recipe =
        new RecipeReader(StandInPlugin.registry(), shipped())
            .read(file, List.of("training.seed=3"));

    assertThat(recipe.placeOf("attention.group-ratio"))
        .isEqualTo(folder.resolve("shipped.yaml") + ":1:41");
    assertThat(recipe.placeOf("data.path")).isEqualTo(file + ":4:32");
    assertThat(recipe.placeOf("training.seed")).isEqualTo("--set training.seed=3");
    assertThat(recipe.placeOf("attention.variant"))
        .isEqualTo(folder.resolve("shipped.yaml") + ":1:12");
  }

  @Test
  void collectsAllMistakes() throws IOException {
    assertThat(
            mistakesOf(
                """
                model: llama
                contxt: 256
                attention: { use: s2-attn, group-ration: 0.25, variant: roled }
                adapter: { use: lora, rank: 0, targets: [q_proj, 1], start-from: 3 }
                position: { factor: 2 }
                data: { use: token-rows, path: [a, b] }
                training:
                  steps: ten
                  learning-rate: fast
                  recompute: maybe
                """))
        .containsExactly(
            "run.yaml:2:1: contxt: unknown option; did you mean context?",
            "run.yaml:1:1: context: is missing, must be a whole number of at least 1",
            "run.yaml:3:28: attention.group-ration: unknown option; did you mean group-ratio?",
            "run.yaml:3:57: attention.variant: is 'roled', must be one of segmented,"
                + " across-layers, rolled; did you mean rolled?",
            "run.yaml:4:29: adapter.rank: is 0, must be a whole number of at least 1",
            "run.yaml:4:50: adapter.targets[1]: is 1, must be text; write it in quotes",
            "run.yaml:5:11: position.use: is missing, must be a known positional scaling (linear, none,"
                + " yarn)",
            "run.yaml:6:32: data.path: is a list, must be a path",
            "run.yaml:6:7: data.tensor: is missing, must be text",
            "run.yaml:8:10: training.steps: is 'ten', must be a whole number of at least 1",
            "run.yaml:9:18: training.learning-rate: is 'fast', must be a number of at least 0",
            "run.yaml:10:14: training.recompute: is 'maybe', must be one of auto, true, keep-attention, mlp, false",
            "run.yaml:4:66: adapter.start-from: is 3, must be a path; write it in quotes");
  }

  @Test
  void listsTheNamesThereAreAndWherePluginsWereFound() throws IOException {
    assertThat(mistakesOf(MINIMAL + "attention: { use: s2-atn }\n"))
        .containsExactly(
            "run.yaml:5:19: attention.use: is 's2-atn', must be a known attention pattern (dense,"
                + " s2-attn); did you mean s2-attn? (plugins were found in /opt/plugins/; if one is"
                + " missing, put its jar there)");
  }

  @Test
  void namesThePathsOfMistakesInSectionsWithinSections() throws IOException {
    assertThat(
            mistakesOf(
                """
                model: llama
                context: 256
                training: { steps: 6 }
                data:
                  use: blend
                  sources:
                    - source: { use: documents, path: a.txt }
                    - source: { use: documents, pth: b.txt }
                      weight: -1
                    - source: { use: blend, sources: { source: { use: dokuments } } }
                  rest: [documents]
                """))
        .containsExactly(
            "run.yaml:8:33: data.sources[1].source.pth: unknown option; did you mean path?",
            "run.yaml:8:15: data.sources[1].source.path: is missing, must be a list of which each is"
                + " a path, or a pattern such as corpus/**/*.txt",
            "run.yaml:9:15: data.sources[1].weight: is -1, must be a number of at least 0",
            "run.yaml:10:55: data.sources[2].source.sources.source.use: is 'dokuments', must be a"
                + " known document source (blend, documents, text, token-rows); did you mean"
                + " documents? (plugins were found in /opt/plugins/; if one is missing, put its jar"
                + " there)",
            "run.yaml:11:9: data.rest: is a list, must be a known document source (blend, documents,"
                + " text, token-rows), or a map with 'use' and its options");
  }

  @Test
  void reportsWhatIsRequired() throws IOException {
    assertThat(mistakesOf("output: run\n"))
        .containsExactly(
            "run.yaml:1:1: model: is missing, must be a path, or a map",
            "run.yaml:1:1: context: is missing, must be a whole number of at least 1",
            "run.yaml:1:1: data: is missing, must be a known document source (blend, documents, text,"
                + " token-rows)",
            "run.yaml:1:1: training.steps: is missing, must be a whole number of at least 1");
  }

  @Test
  void reportsNumbersOutOfRange() throws IOException {
    assertThat(
            mistakesOf(
                MINIMAL.replace("steps: 6", "steps: 2.5, warmup-steps: 3000000000, seed: 1e99")
                    + "attention: { use: s2-attn, group-ratio: 1.5 }\nposition: { use: linear,"
                    + " factor: .inf }\n"))
        .containsExactly(
            "run.yaml:5:41: attention.group-ratio: is 1.5, must be a number between 0 and 1",
            "run.yaml:6:34: position.factor: is .inf, must be a number of at least 1",
            "run.yaml:4:20: training.steps: is 2.5, must be a whole number of at least 1",
            "run.yaml:4:39: training.warmup-steps: is 3000000000, must be a whole number of at"
                + " most 2147483647",
            "run.yaml:4:57: training.seed: is 1e99, must be a whole number of at most"
                + " 9223372036854775807");
  }

  @Test
  void doesNotTakeYesForTrue() throws IOException {
    assertThat(mistakesOf(MINIMAL + "quantization: { use: nf4, double-quantization: yes }\n"))
        .containsExactly(
            "run.yaml:5:48: quantization.double-quantization: is 'yes', must be true or false");
  }

  @Test
  void reportsAListWhereAValueBelongs() throws IOException {
    assertThat(
            mistakesOf(
                """
                model: [llama]
                context: 256
                data: [text]
                training: 6
                """))
        .containsExactly(
            "run.yaml:1:8: model: is a list, must be a path, or a map",
            "run.yaml:3:7: data: is a list, must be a known document source (blend, documents, text,"
                + " token-rows),"
                + " or a map with 'use' and its options",
            "run.yaml:4:11: training: is 6, must be a map");
  }

  @Test
  void reportsARefusalOfTheRecordAtItsSection() throws IOException {
    assertThat(
            mistakesOf(MINIMAL + "attention: { use: s2-attn, group-ratio: 0.5, group-size: 4 }\n"))
        .containsExactly("run.yaml:5:12: attention: give group-ratio or group-size, not both");
    assertThat(
            mistakesOf(
                MINIMAL.replace("steps: 6", "steps: 6, schedule: constant, warmup-steps: 2")))
        .containsExactly(
            "run.yaml:4:11: training: schedule constant has no warm-up, but warmup-steps is 2; use"
                + " constant-with-warmup");
  }

  @Test
  void reportsKeysThatAreGivenTwice() throws IOException {
    assertThat(mistakesOf(MINIMAL + "context: 512\ntraining: { steps: 1, steps: 2 }\n"))
        .containsExactly(
            "run.yaml:5:1: 'context' is given twice, first in line 2",
            "run.yaml:6:23: 'steps' is given twice, first in line 6",
            "run.yaml:6:1: 'training' is given twice, first in line 4");
  }

  @Test
  void saysWhereYamlBreaks() throws IOException {
    assertThat(mistakesOf("model: [llama\ncontext: 256\n"))
        .singleElement()
        .asString()
        .startsWith("run.yaml:2:8: is not valid YAML: while parsing a flow sequence: expected");
    assertThat(mistakesOf("training:\n\tsteps: 6\n"))
        .singleElement()
        .asString()
        .startsWith("run.yaml:2:1: is not valid YAML: ")
        .contains("TAB");
    assertThat(mistakesOf("model: *.txt\n"))
        .containsExactly(
            "run.yaml:1:9: is not valid YAML: while scanning an alias: unexpected character found"
                + " .(46); text that starts with * belongs in quotes");
    assertThat(mistakesOf("model: &m { a: *m }\n"))
        .containsExactly("run.yaml:1:8: an alias refers to a value that contains it");
    assertThat(mistakesOf("model: !file llama\n"))
        .containsExactly("run.yaml:1:8: the tag !file is not known; leave it out");
    assertThat(mistakesOf("[a]: 1\n"))
        .contains("run.yaml:1:1: a key must be a word, not a list or a map");
  }

  @Test
  void saysThatAFileIsNotText() throws IOException {
    Path file = folder.resolve("run.yaml");
    Files.write(file, "model: caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));

    assertThat(mistakes(file)).containsExactly("run.yaml: is not text in UTF-8; save it as that");
  }

  @Test
  void saysWhatIsNoRecipe() throws IOException {
    assertThat(mistakes(folder.resolve("none.yaml")))
        .containsExactly("none.yaml: does not exist, must be a recipe file");
    assertThat(mistakes(Files.createDirectory(folder.resolve("dir"))))
        .containsExactly("dir: is a directory, must be a recipe file");
    assertThat(mistakesOf("# nothing\n"))
        .containsExactly(
            "run.yaml: is empty, must be a map with keys such as model, context and data");
    assertThat(mistakesOf("- a\n"))
        .containsExactly(
            "run.yaml:1:1: is a list, must be a map with keys such as model, context and data");
  }

  @Test
  void namesTheFileOfEachMistakeInWhatIsExtended() throws IOException {
    write("base.yaml", MINIMAL.replace("256", "long"));

    assertThat(mistakesOf("extends: ./base.yaml\ntraining: { step: 3 }\n"))
        .containsExactly(
            "base.yaml:2:10: context: is 'long', must be a whole number of at least 1",
            "run.yaml:2:13: training.step: unknown option; did you mean steps?");
  }

  @Test
  void refusesToExtendInACircle() throws IOException {
    write("b.yaml", "extends: ./run.yaml\n");

    assertThat(mistakesOf("extends: b.yaml\n"))
        .containsExactly("b.yaml:1:10: extends: goes in a circle: run.yaml → b.yaml → run.yaml");
  }

  @Test
  void saysWhatCanBeExtended() throws IOException {
    assertThat(mistakesOf("extends: longlra\n"))
        .containsExactly(
            "run.yaml:1:10: extends: is 'longlra', must be a path such as ./other.yaml");
    Files.createDirectory(folder.resolve("shipped"));
    write("shipped/longlora.yaml", "");
    write("shipped/longqlora.yaml", "");
    assertThat(mistakesOf("extends: longlra\n"))
        .containsExactly(
            "run.yaml:1:10: extends: is 'longlra', must be a shipped recipe (longlora, longqlora)"
                + " or a path such as ./other.yaml; did you mean longlora?");
    assertThat(mistakesOf("extends: ./none.yaml\n"))
        .containsExactly("run.yaml:1:10: extends: none.yaml does not exist, must be a recipe file");
    assertThat(mistakesOf("extend: longlora\n" + MINIMAL))
        .containsExactly("run.yaml:1:1: extend: unknown option; did you mean extends?");
  }

  @Test
  void namesTheSettingAtFault() throws IOException {
    Path file = write("run.yaml", MINIMAL.replace("steps: 6", ""));

    assertThat(mistakes(file, "training.seed=x", "context", "a..b=1", "extends=longlora"))
        .containsExactly(
            "--set context: must be KEY=VALUE, for example training.steps=20",
            "--set a..b=1: must be KEY=VALUE, for example training.steps=20",
            "--set extends=longlora: extends: stands in recipe files only",
            "run.yaml:4:11: training.steps: is missing, must be a whole number of at least 1",
            "--set training.seed=x: training.seed: is 'x', must be a whole number");
    assertThat(mistakes(file, "attention={use: dense"))
        .singleElement()
        .asString()
        .startsWith("--set attention={use: dense: is not valid YAML: ");
  }

  @Test
  void namesTheArgumentAtFault() {
    RecipeReader reader = new RecipeReader(StandInPlugin.registry(), RecipeLibrary.empty());

    assertThat(
            catchThrowable(
                () -> reader.choose(AttentionPattern.class, "{use: s2-attn, x: 1}", folder)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("{use: s2-attn, x: 1}: x: unknown option [unknown-option]");
  }
}
