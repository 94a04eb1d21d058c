package org.longlora4j.core.tensorboard;

import com.google.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.train.Evaluation;
import org.longlora4j.api.train.RunStart;
import org.longlora4j.api.train.StepMetrics;
import org.longlora4j.api.train.TrainingListener;

/**
 * Writes a run's metrics as scalars that {@code tensorboard --logdir} shows.
 *
 * <p>A run that goes on begins a new file, in which it takes back the steps that it takes again.
 */
public final class TensorBoardListener implements TrainingListener {
  private final Options options;
  private final InstantSource clock;
  private Optional<EventFile> file = Optional.empty();

  /**
   * What a recipe may say.
   *
   * @param directory of the event files
   */
  public record Options(
      @Option(
              value =
                  "The folder of the event files, relative to the run's directory unless"
                      + " absolute.",
              defaultValue = "tensorboard")
          String directory) {}

  /** A listener that dates its events by the system's clock. */
  @Inject
  public TensorBoardListener(Options options) {
    this(options, InstantSource.system());
  }

  TensorBoardListener(Options options, InstantSource clock) {
    this.options = options;
    this.clock = clock;
  }

  @Override
  public void onStart(RunStart start) {
    try {
      EventFile opened = EventFile.create(start.output().resolve(options.directory()), clock);
      file = Optional.of(opened);
      if (start.firstStep() > 1) {
        opened.restart(start.firstStep());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onStep(StepMetrics metrics) {
    Map<String, Double> scalars = new LinkedHashMap<>();
    scalars.put("train/loss", metrics.loss());
    scalars.put("train/grad_norm", metrics.gradNorm());
    scalars.put("train/learning_rate", metrics.learningRate());
    scalars.put("train/tokens_per_second", metrics.tokensPerSecond());
    scalars.put("train/peak_memory_bytes", (double) metrics.peakMemoryBytes());
    add(metrics.step(), scalars);
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    add(evaluation.step(), Map.of("evaluation/loss", evaluation.loss()));
  }

  private void add(int step, Map<String, Double> scalars) {
    try {
      file.orElseThrow().add(step, scalars);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      if (file.isPresent()) {
        file.get().close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
