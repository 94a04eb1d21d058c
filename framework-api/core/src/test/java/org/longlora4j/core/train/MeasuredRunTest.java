package org.longlora4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.longlora4j.core.Golden.SERVICES;
import static org.longlora4j.core.train.StepWatch.Stage.ATTENTION;
import static org.longlora4j.core.train.StepWatch.Stage.BACKWARD;
import static org.longlora4j.core.train.StepWatch.Stage.DATA;
import static org.longlora4j.core.train.StepWatch.Stage.EMBEDDING;
import static org.longlora4j.core.train.StepWatch.Stage.JVM;
import static org.longlora4j.core.train.StepWatch.Stage.LOSS;
import static org.longlora4j.core.train.StepWatch.Stage.MLP;
import static org.longlora4j.core.train.StepWatch.Stage.OPTIMIZER;
import static org.longlora4j.core.train.StepWatch.Stage.PROJECTIONS;
import static org.longlora4j.core.train.StepWatch.Stage.RECOMPUTATION;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.Golden;
import org.longlora4j.core.model.Kept;
import org.longlora4j.core.model.ModelConfig;

class MeasuredRunTest {
  @TempDir private Path folder;

  private MeasuredRun load(String... overrides) throws IOException {
    return MeasuredRun.load(
        TestRecipes.read(folder, overrides),
        TestRecipes.registry(),
        SERVICES,
        () -> Precision.FLOAT32);
  }

  private static List<StepWatch.Stage> stages(MeasuredRun run) {
    List<StepWatch.Stage> stages = new ArrayList<>();
    run.step(stages::add);
    return stages;
  }

  private static <T> List<T> perLayer(List<T> stages) {
    int layers = ModelConfig.read(Golden.model("llama")).layers();
    return Collections.nCopies(layers, stages).stream().flatMap(List::stream).toList();
  }

  @ParameterizedTest
  @CsvSource({"true, RECOMPUTATION BACKWARD", "mlp, BACKWARD"})
  void aStepTellsWhatItIsAt(String recompute, String beforeTheMlp) throws IOException {
    List<StepWatch.Stage> layerBackwards =
        new ArrayList<>(
            Arrays.stream(beforeTheMlp.split(" ")).map(StepWatch.Stage::valueOf).toList());
    layerBackwards.addAll(List.of(RECOMPUTATION, BACKWARD));
    List<StepWatch.Stage> expected = new ArrayList<>(List.of(DATA, JVM, EMBEDDING));
    expected.addAll(perLayer(List.of(PROJECTIONS, ATTENTION, PROJECTIONS, MLP)));
    expected.add(LOSS);
    expected.addAll(perLayer(layerBackwards));
    expected.addAll(List.of(BACKWARD, JVM, OPTIMIZER, JVM, OPTIMIZER, JVM));
    try (MeasuredRun run = load("training.recompute=" + recompute)) {
      assertThat(stages(run)).isEqualTo(expected);
      assertThat(stages(run)).isEqualTo(expected);
    }
  }

  @Test
  void aStepThatKeepsActivationsRunsNoLayerAgain() throws IOException {
    List<StepWatch.Stage> after = new ArrayList<>(List.of(LOSS));
    after.addAll(perLayer(List.of(BACKWARD)));
    after.addAll(List.of(BACKWARD, JVM, OPTIMIZER)); // the embeddings
    try (MeasuredRun run = load("training.recompute=false")) {
      assertThat(run.choices().kept()).isEqualTo(Kept.ACTIVATIONS);
      assertThat(stages(run)).doesNotContain(RECOMPUTATION).containsSubsequence(after);
    }
  }

  @Test
  void nothingIsWritten() throws IOException {
    try (MeasuredRun run = load()) {
      run.step(StepWatch.NONE);
      assertThat(folder.toFile().list()).containsExactly("recipe.yaml");
    }
  }

  @Test
  void aLossThatIsNoLongerFiniteEndsIt() throws IOException {
    try (MeasuredRun run = load("training.learning-rate=1e30", "training.max-grad-norm=0")) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 4; i++) {
                  run.step(StepWatch.NONE);
                }
              })
          .isInstanceOf(TrainingFailedException.class)
          .hasMessageContaining("--set training.learning-rate=5.0E29");
    }
  }
}
