package org.longlora4j.launcher.command;

import static com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.longlora4j.core.data.DataReport;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.train.PreparedRun;
import org.longlora4j.core.train.Trainer;
import org.longlora4j.launcher.progress.ProgressListener;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Carries out a recipe. */
@Command(
    name = "train",
    description = {
      "Trains as a recipe says.",
      "The output directory holds the adapter in PEFT's format with the extended model's"
          + " config.json beside it, metrics.jsonl, the resolved recipe and checkpoints. On SIGINT"
          + " or SIGTERM the state is saved, and --resume goes on exactly."
    })
final class TrainCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private RecipeOptions recipe;
  @Mixin private ResultFormat format;

  @Option(
      names = "--resume",
      description =
          "Go on with the run in the output directory from its newest checkpoint; begin if there"
              + " is none.")
  private boolean resume;

  TrainCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Recipe read = recipe.read(session);
    try (StopSignal stop = new StopSignal(session.environment().err());
        PreparedRun run = PreparedRun.of(read, session.extensions(), session.engine())) {
      Environment environment = session.environment();
      Trainer.Result result =
          new Trainer(session.engine())
              .train(
                  run,
                  resume,
                  List.of(new ProgressListener(environment.err(), environment.terminal())),
                  stop::isRequested);
      boolean adapter = run.leavesAdapter();
      session.output().print(format, Summary.of(result, read, recipe.resumption(read), adapter));
      return ExitCode.OK;
    }
  }

  /** How the run ended. */
  record Summary(
      Path output,
      int lastStep,
      boolean completed,
      @JsonInclude(NON_NULL) Double loss,
      double seconds,
      long peakMemoryBytes,
      DataReport data,
      @JsonIgnore Recipe recipe,
      @JsonIgnore String resumption,
      @JsonIgnore boolean adapter)
      implements Result {
    static Summary of(Trainer.Result result, Recipe recipe, String resumption, boolean adapter) {
      return new Summary(
          result.output(),
          result.lastStep(),
          result.completed(),
          Double.isNaN(result.loss()) ? null : (Double) result.loss(),
          result.seconds(),
          result.peakMemoryBytes(),
          result.data(),
          recipe,
          resumption,
          adapter);
    }

    @Override
    public String toText() {
      String ended =
          completed
              ? "Step %d was the last.".formatted(lastStep)
              : "Stopped after step %d; the state is saved. Go on with: %s"
                  .formatted(lastStep, resumption);
      String measured =
          String.format(
              Locale.ROOT,
              "Loss %s, %.1f s, peak memory %.2f GB.",
              loss == null ? "unknown (no step was left to take)" : "%.4f".formatted(loss),
              seconds,
              peakMemoryBytes / 1e9);
      return ended + "\n" + measured + "\n" + data.toText() + (completed ? "\n" + next() : "");
    }

    private String next() {
      return adapter
          ? "The adapter is in %s. Merge it: longlora merge --model %s --adapter %s --output DIR"
              .formatted(output, recipe.model(), output)
          : "The model is in %s.".formatted(output);
    }
  }
}
