package org.longlora4j.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.train.CheckpointWritten;
import org.longlora4j.api.train.Evaluation;
import org.longlora4j.api.train.RunStart;
import org.longlora4j.api.train.StepMetrics;
import org.longlora4j.api.train.TrainingListener;

/** What every training listener promises. */
public abstract class TrainingListenerContract extends ExtensionContract<TrainingListener> {
  /** What a run itself writes. */
  private static final List<String> FILES_OF_A_RUN =
      List.of("metrics.jsonl", "evaluation.jsonl", "run.json", "recipe.yaml");

  /** Checks listeners. */
  protected TrainingListenerContract() {
    super(TrainingListener.class);
  }

  @Override
  final Map<String, String> recipe(String section) {
    return Map.of(
        "listeners",
        "[" + section + "]",
        "evaluation",
        "{ every: 2, rows: 1, data: { use: text, path: text.txt } }");
  }

  private Path output() throws IOException {
    return Files.createDirectories(folder().resolve("output"));
  }

  private static StepMetrics step(int step, double loss) {
    return new StepMetrics(step, loss, 1.5, 1e-3, 1234.5, 1 << 20);
  }

  private static void watch(TrainingListener listener, Path output, int from, int to) {
    listener.onStart(new RunStart(output, from, to, 64, 1000, 5000));
    for (int step = from; step <= to; step++) {
      listener.onStep(step(step, 3.0 / step));
    }
    listener.onEvaluation(new Evaluation(to, 2.5));
    listener.onCheckpoint(new CheckpointWritten(to, output.resolve("checkpoints/" + to)));
  }

  @Test
  void aWholeRunIsWatchedWithoutTouchingItsFiles() throws IOException {
    Path output = output();
    for (String file : FILES_OF_A_RUN) {
      Files.writeString(output.resolve(file), "the run's own");
    }
    try (TrainingListener listener = extension()) {
      watch(listener, output, 1, 3);
    }
    for (String file : FILES_OF_A_RUN) {
      assertThat(output.resolve(file)).as("a file of the run").hasContent("the run's own");
    }
  }

  @Test
  void aRunThatGoesOnIsWatchedInTheSameDirectory() throws IOException {
    Path output = output();
    try (TrainingListener listener = extension()) {
      watch(listener, output, 1, 3);
    }
    try (TrainingListener listener = extension()) {
      watch(listener, output, 3, 5);
    }
  }

  @Test
  void aRunMayEndBeforeItBegins() throws IOException {
    extension().close();
    try (TrainingListener listener = extension()) {
      listener.onStart(new RunStart(output(), 1, 3, 64, 1000, 5000));
    }
  }

  @Test
  void aLossThatIsNoNumberIsTakenToo() throws IOException {
    try (TrainingListener listener = extension()) {
      listener.onStart(new RunStart(output(), 1, 3, 64, 1000, 5000));
      listener.onStep(step(1, Double.NaN));
      listener.onStep(step(2, Double.POSITIVE_INFINITY));
    }
  }

  @Test
  void watchingChangesNothingInTheRun() throws IOException {
    TinyRun run = new TinyRun(folder(), registry());
    assertThat(run.losses("watched", recipe(section())))
        .as("the losses of a watched run, against those of the same run unwatched")
        .isEqualTo(run.losses("unwatched", Map.of()));
  }
}
