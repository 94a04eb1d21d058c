package org.longlora4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.longlora4j.core.Golden.SERVICES;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.train.CheckpointWritten;
import org.longlora4j.api.train.Evaluation;
import org.longlora4j.api.train.StepMetrics;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.core.recipe.Recipe;

class TrainerTest {
  @TempDir private Path folder;

  private Watcher train(boolean resume, String... overrides) throws IOException {
    return train(resume, Integer.MAX_VALUE, overrides);
  }

  private Watcher train(boolean resume, int stopAfter, String... overrides) throws IOException {
    return train(new Watcher(), resume, stopAfter, overrides);
  }

  private Watcher train(Watcher watcher, boolean resume, int stopAfter, String... overrides)
      throws IOException {
    try (PreparedRun run =
        PreparedRun.of(TestRecipes.read(folder, overrides), TestRecipes.registry(), SERVICES)) {
      new Trainer(SERVICES)
          .train(run, resume, List.of(watcher), () -> watcher.losses.size() >= stopAfter);
    }
    return watcher;
  }

  @Test
  void aRandomPatternDrawsTheSameWhenALayerRunsAgain() throws IOException {
    Watcher kept = train(false, "attention=noisy", "training.recompute=false", "output=kept");
    Watcher again = train(false, "attention=noisy", "training.recompute=true", "output=again");

    assertThat(kept.losses).hasSize(6).doesNotHaveDuplicates();
    assertThat(again.losses).isEqualTo(kept.losses);
  }

  @Test
  void listenersAreToldWhatWasMeasuredAndWhereACheckpointIs() throws IOException {
    Watcher watcher =
        train(
            false,
            "training.steps=4",
            "training.checkpoint-every=2",
            "evaluation={every: 3, data: rows, rows: 2}");

    assertThat(watcher.checkpoints)
        .extracting(CheckpointWritten::step, CheckpointWritten::directory)
        .containsExactly(
            tuple(2, folder.resolve("run/checkpoints/step-2")),
            tuple(4, folder.resolve("run/checkpoints/step-4")));
    assertThat(watcher.checkpoints).allSatisfy(c -> assertThat(c.directory()).isDirectory());
    assertThat(watcher.evaluations).extracting(Evaluation::step).containsExactly(3);
    assertThat(watcher.evaluations.get(0).loss()).isBetween(0.0, watcher.losses.get(0));
  }

  @Test
  void withoutCheckpointsOnlyARunThatIsStoppedKeepsItsState() throws IOException {
    Path checkpoints = folder.resolve("run/checkpoints");

    assertThat(train(false, 2, "training.checkpoint-every=0").losses).hasSize(2);
    assertThat(checkpoints.toFile().list()).containsExactly("step-2");
    assertThat(train(true, "training.checkpoint-every=0").losses).hasSize(4);
    assertThat(checkpoints.toFile().list()).containsExactly("step-2");
    assertThat(folder.resolve("run/model.safetensors")).exists();
  }

  @Test
  void preparingARunBuildsNoListenerThatNobodyWouldClose() throws IOException {
    Recipe recipe = TestRecipes.read(folder, "listeners=[unbuildable]");
    PreparedRun.of(recipe, TestRecipes.registry(), SERVICES).close();

    Watcher watcher = new Watcher();
    assertThatThrownBy(() -> train(watcher, false, 1, "listeners=[unbuildable]"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("there is no one to listen");
    assertThat(watcher.closed).isEqualTo(1);
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void whoeverWatchesARunThatIsRefusedIsClosed() throws IOException {
    assertThat(train(false).closed).isEqualTo(1);

    Watcher watcher = new Watcher();
    assertThatThrownBy(() -> train(watcher, false, 1)).hasMessageContaining("holds a run already");
    assertThat(watcher.closed).isEqualTo(1);
  }

  private static final class Watcher implements TrainingListener {
    private final List<Double> losses = new ArrayList<>();
    private final List<Evaluation> evaluations = new ArrayList<>();
    private final List<CheckpointWritten> checkpoints = new ArrayList<>();
    private int closed;

    @Override
    public void onStep(StepMetrics metrics) {
      losses.add(metrics.loss());
    }

    @Override
    public void onEvaluation(Evaluation evaluation) {
      evaluations.add(evaluation);
    }

    @Override
    public void onCheckpoint(CheckpointWritten checkpoint) {
      checkpoints.add(checkpoint);
    }

    @Override
    public void close() {
      closed++;
    }
  }
}
