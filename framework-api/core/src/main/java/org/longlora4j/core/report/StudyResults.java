package org.longlora4j.core.report;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What a study has found out so far.
 *
 * @param title what its report is headed with
 * @param about what is asked
 * @param paper what the cells' paper numbers are
 * @param file the study file
 * @param directory the study's
 * @param cells what is compared
 */
public record StudyResults(
    String title,
    Optional<String> about,
    Optional<String> paper,
    Path file,
    Path directory,
    List<Cell> cells) {
  /** Requires all parts. */
  public StudyResults {
    requireNonNull(title, "title is null");
    requireNonNull(about, "about is null");
    requireNonNull(paper, "paper is null");
    requireNonNull(file, "file is null");
    requireNonNull(directory, "directory is null");
    cells = List.copyOf(cells);
  }

  /** Where a run stands. */
  public enum State {
    /** Not begun. */
    OPEN,
    /** Begun and not ended: it was stopped, or is under way. */
    BEGUN,
    /** Trained and measured. */
    COMPLETED,
    /** It could not be carried out. */
    FAILED
  }

  /**
   * One setting.
   *
   * @param label its name
   * @param context its recipe's, in tokens
   * @param trained whether it is trained
   * @param paper the paper's number for it
   * @param runs one for each seed; a single one without training
   */
  public record Cell(
      String label, int context, boolean trained, OptionalDouble paper, List<Run> runs) {
    /** Copies the runs. */
    public Cell {
      requireNonNull(label, "label is null");
      requireNonNull(paper, "paper is null");
      runs = List.copyOf(runs);
    }

    Stream<Run> completed() {
      return runs.stream().filter(run -> run.state() == State.COMPLETED);
    }
  }

  /**
   * A cell with one seed.
   *
   * @param seed of its training; empty without training
   * @param directory of the run
   * @param state where it stands
   * @param outcome what came of it; present if it is completed
   * @param failure why it failed; present if it has
   */
  public record Run(
      OptionalLong seed,
      Path directory,
      State state,
      Optional<Outcome> outcome,
      Optional<String> failure) {}

  /**
   * What came of a run.
   *
   * @param seconds that its training took
   * @param peakMemoryBytes largest resident memory of the process while it trained
   * @param trainedParameters how many numbers trained
   * @param measured of the model
   */
  public record Outcome(
      double seconds, long peakMemoryBytes, long trainedParameters, Measurements measured) {
    /** Nothing trained: the model as it is. */
    public static Outcome untrained(Measurements measured) {
      return new Outcome(0, 0, 0, measured);
    }
  }

  /** How many runs are in a state. */
  public long count(State state) {
    return runs().filter(run -> run.state() == state).count();
  }

  /** All runs, cell by cell. */
  public Stream<Run> runs() {
    return cells.stream().flatMap(cell -> cell.runs().stream());
  }
}
