package org.longlora4j.core.study;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.Study;
import org.longlora4j.core.recipe.TrainingOptions.PrecisionSetting;
import org.longlora4j.core.report.StudyResults;
import org.longlora4j.core.report.StudyResults.Outcome;
import org.longlora4j.core.report.StudyResults.State;
import org.longlora4j.core.tensor.AtomicDirectory;
import org.longlora4j.core.tensor.TorchServices;
import org.longlora4j.core.train.RunChoices;
import org.longlora4j.core.train.Trainer;

/**
 * Carries a study out, one run after another, cell by cell.
 *
 * <p>What is completed is left as it is. A run that was begun goes on from its newest checkpoint,
 * or begins again if there is none; one whose training is completed is only measured. One that
 * failed is tried again. A run that fails does not end the study.
 */
public final class StudyRunner {
  private final ExtensionRegistry registry;
  private final TorchServices services;

  /**
   * Prepares to carry out studies.
   *
   * @param registry builds the extensions
   * @param services the engine
   */
  public StudyRunner(ExtensionRegistry registry, TorchServices services) {
    this.registry = requireNonNull(registry, "registry is null");
    this.services = requireNonNull(services, "services is null");
  }

  /**
   * Carries a study out as far as it is not yet.
   *
   * @param study read
   * @param watcher is told how it goes
   * @param stop asked after each training step and each run; when it answers true, the state is
   *     saved and the study ends early
   * @return what was found out in all
   * @throws org.longlora4j.api.plugin.InvalidInputException if what was run is no longer what the
   *     study says, or another process carries it out
   */
  public StudyResults run(Study study, StudyWatcher watcher, BooleanSupplier stop) {
    StudyLock lock = StudyLock.of(study.output());
    try {
      StudyState.requireUnchanged(study);
      int all = study.cells().stream().mapToInt(cell -> cell.recipes().size()).sum();
      int number = 0;
      Trainer trainer = trainer(study);
      for (Study.Cell cell : study.cells()) {
        for (Recipe recipe : cell.recipes()) {
          number++;
          if (!stop.getAsBoolean() && state(recipe).filter(State.COMPLETED::equals).isEmpty()) {
            OptionalLong seed =
                cell.trained() ? OptionalLong.of(recipe.training().seed()) : OptionalLong.empty();
            watcher.onRun(number, all, cell.label(), seed);
            run(study, cell, recipe, trainer, watcher, stop);
          }
        }
      }
      return StudyState.read(study);
    } finally {
      lock.close();
    }
  }

  /** Where a run stands; empty if it was not begun. */
  private static Optional<State> state(Recipe recipe) {
    return RunNote.read(recipe.output()).map(RunNote::state);
  }

  /** Measures the machine once for all runs, if at all: they are to differ in nothing else. */
  private Trainer trainer(Study study) {
    return study.cells().stream()
        .flatMap(cell -> cell.recipes().stream())
        .filter(recipe -> recipe.training().precision() == PrecisionSetting.AUTO)
        .filter(recipe -> state(recipe).filter(s -> s != State.FAILED).isPresent())
        .flatMap(recipe -> RunChoices.noted(recipe).stream())
        .map(RunChoices::precision)
        .findFirst()
        .map(before -> new Trainer(services, () -> before))
        .orElseGet(() -> new Trainer(services));
  }

  private void run(
      Study study,
      Study.Cell cell,
      Recipe recipe,
      Trainer trainer,
      StudyWatcher watcher,
      BooleanSupplier stop) {
    RunNote note = RunNote.begun(recipe, study.evaluation());
    clearIfMended(recipe, note);
    note.write(recipe.output());
    try {
      StudyRun run = new StudyRun(recipe, study.evaluation(), registry, services, trainer);
      Optional<Outcome> outcome =
          cell.trained() ? run.trained(watcher, stop) : Optional.of(run.untrained(watcher));
      if (outcome.isEmpty()) {
        return; // stopped
      }
      note.completed(outcome.get()).write(recipe.output());
    } catch (RuntimeException e) {
      note.failed(message(e)).write(recipe.output());
    }
    StudyResults results = StudyState.read(study);
    results
        .runs()
        .filter(ended -> ended.directory().equals(recipe.output()))
        .findFirst()
        .ifPresent(ended -> watcher.onEnd(ended, results));
  }

  /** What a failed run has left belongs to the recipe that failed. */
  private static void clearIfMended(Recipe recipe, RunNote now) {
    boolean mended =
        RunNote.read(recipe.output())
            .filter(before -> !StudyState.changes(before, now).isEmpty())
            .isPresent();
    if (mended) {
      try {
        AtomicDirectory.delete(recipe.output());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static String message(RuntimeException failure) {
    return Optional.ofNullable(failure.getMessage()).orElse(failure.getClass().getSimpleName());
  }
}
