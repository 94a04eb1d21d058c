package org.longlora4j.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.plugin.InvalidInputException;

class StudyReaderTest {
  private static final String SHARED =
      """
      title: Parts
      seeds: [1, 2]
      recipe:
        model: llama
        context: 256
        attention: { use: s2-attn, group-ratio: 0.5 }
        adapter: { use: lora, rank: 4 }
        data: { use: token-rows, path: rows.safetensors, tensor: data }
        training: { steps: 6 }
      evaluation:
        data: { use: token-rows, path: rows.safetensors, tensor: data }
        perplexity: { lengths: [128, 256] }
      """;

  @TempDir private Path folder;

  private Study read(String varied) throws IOException {
    return read(varied, StudyReader.Overrides.NONE);
  }

  private Study read(String varied, StudyReader.Overrides overrides) throws IOException {
    Path file = Files.writeString(folder.resolve("parts.yaml"), SHARED + varied);
    return new StudyReader(StandInPlugin.registry(), RecipeLibrary.empty()).read(file, overrides);
  }

  private static Recipe only(Study study, int cell) {
    return study.cells().get(cell).recipes().get(0);
  }

  @Test
  void aCellIsTheRecipeWithWhatItSetsOnceForEachSeed() throws IOException {
    Study study =
        read(
            """
            cells:
              "rank 8": { set: { adapter.rank: 8, training: { learning-rate: 1e-3 } }, paper: 8.12 }
              full: { set: { adapter: full } }
            """);

    assertThat(study.title()).isEqualTo("Parts");
    assertThat(study.output()).isEqualTo(folder.resolve("parts"));
    assertThat(study.cells()).extracting(Study.Cell::label).containsExactly("rank 8", "full");
    assertThat(study.cells()).allMatch(Study.Cell::trained);
    assertThat(study.cells().get(0).paper()).hasValue(8.12);
    assertThat(study.cells().get(1).paper()).isEqualTo(OptionalDouble.empty());
    List<Recipe> recipes = study.cells().get(0).recipes();
    assertThat(recipes).extracting(recipe -> recipe.training().seed()).containsExactly(1L, 2L);
    assertThat(recipes)
        .extracting(Recipe::output)
        .containsExactly(
            folder.resolve("parts/cells/rank-8/seed-1"),
            folder.resolve("parts/cells/rank-8/seed-2"));
    assertThat(((StandInPlugin.LoraOptions) recipes.get(0).adapter().options()).rank())
        .isEqualTo(8);
    assertThat(recipes.get(0).training().steps()).isEqualTo(6);
    assertThat(recipes.get(0).training().learningRate()).isEqualTo(1e-3);
    assertThat(only(study, 1).adapter().name()).isEqualTo("full");
  }

  @Test
  void axesMakeAGridAndCellsStandAtEveryPointOfIt() throws IOException {
    Study study =
        read(
            """
            cells:
              trained: {}
              as it is: { train: false }
            axes:
              position: [none, linear]
              context: { short: 256, long: 512 }
            """);

    assertThat(study.cells())
        .extracting(Study.Cell::label)
        .containsExactly(
            "trained, none, short",
            "trained, none, long",
            "trained, linear, short",
            "trained, linear, long",
            "as it is, none, short",
            "as it is, none, long",
            "as it is, linear, short",
            "as it is, linear, long");
    assertThat(only(study, 3).context()).isEqualTo(512);
    assertThat(only(study, 3).position().name()).isEqualTo("linear");
    assertThat(study.cells().get(4).trained()).isFalse();
    assertThat(study.cells().get(4).recipes()).hasSize(1);
  }

  @Test
  void aNumberIsLabelledWithItsKey() throws IOException {
    Study study = read("axes: { adapter.rank: [8, 16] }\n");

    assertThat(study.cells()).extracting(Study.Cell::label).containsExactly("rank 8", "rank 16");
  }

  @Test
  void theCommandLineHoldsAboveTheFile() throws IOException {
    Study study =
        read(
            "cells: { a: { set: { training.steps: 9 } } }\n",
            new StudyReader.Overrides(
                List.of("training.steps=2"), List.of(7L), Optional.of(folder.resolve("there"))));

    assertThat(only(study, 0).training().steps()).isEqualTo(2);
    assertThat(only(study, 0).training().seed()).isEqualTo(7);
    assertThat(only(study, 0).output()).isEqualTo(folder.resolve("there/cells/a/seed-7"));
  }

  @Test
  void everyMistakeIsNamedByItsPlaceAndKey() {
    assertThatThrownBy(
            () ->
                read(
                    """
                    labels: {}
                    cells:
                      a: { set: { adapter.rank: none }, trains: false }
                      b: 3
                    """))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("parts.yaml:13:1: labels: unknown option")
        .hasMessageContaining("parts.yaml:15:37: cells.a.trains: unknown option")
        .hasMessageContaining("parts.yaml:16:6: cells.b: is 3, must be a map");
    assertThatThrownBy(() -> read("cells: { a: { set: { adapter.rank: none } } }\n"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("adapter.rank: is 'none', must be a whole number");
  }

  @Test
  void aStudyWithoutAnythingThatVariesIsRefused() {
    assertThatThrownBy(() -> read(""))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("cells: is missing");
  }

  @Test
  void twoCellsInOneDirectoryAreRefused() {
    assertThatThrownBy(() -> read("cells: { a b: {}, a/b: {} }\n"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("and 'a b' would share the directory a-b");
  }

  @Test
  void aSectionThatIsToBeMeasuredAsItIsNeedsACheckpoint() {
    assertThatThrownBy(
            () ->
                read(
                    "cells: { a: { train: false, set: { model: { path: null, init: { dtype:"
                        + " float32 } } } } }\n"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("cells.a: is not to be trained, but model.init draws its weights");
  }
}
