package org.longlora4j.core.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.RecipeChange;
import org.longlora4j.core.recipe.Study;
import org.longlora4j.core.report.StudyResults;
import org.longlora4j.core.report.StudyResults.Run;
import org.longlora4j.core.report.StudyResults.State;

/** Where a study stands, by what lies in its directory. */
public final class StudyState {
  private StudyState() {}

  /**
   * What was found out so far.
   *
   * @throws InvalidInputException if a note about a run cannot be read
   */
  public static StudyResults read(Study study) {
    return new StudyResults(
        study.title(),
        study.about(),
        study.paper(),
        study.file(),
        study.output(),
        study.cells().stream().map(StudyState::cell).toList());
  }

  private static StudyResults.Cell cell(Study.Cell cell) {
    return new StudyResults.Cell(
        cell.label(),
        cell.recipes().get(0).context(),
        cell.trained(),
        cell.paper(),
        cell.recipes().stream().map(recipe -> run(cell, recipe)).toList());
  }

  private static Run run(Study.Cell cell, Recipe recipe) {
    Optional<RunNote> note = RunNote.read(recipe.output());
    return new Run(
        cell.trained() ? OptionalLong.of(recipe.training().seed()) : OptionalLong.empty(),
        recipe.output(),
        note.map(RunNote::state).orElse(State.OPEN),
        note.flatMap(RunNote::outcome),
        note.flatMap(RunNote::failure));
  }

  /**
   * Refuses a study of which runs that were begun or completed would be others now. Cells and seeds
   * may come and go, and a failed run may be mended.
   *
   * @throws InvalidInputException with a line for each change
   */
  public static void requireUnchanged(Study study) {
    List<String> changes = new ArrayList<>();
    for (Study.Cell cell : study.cells()) {
      for (Recipe recipe : cell.recipes()) {
        RunNote.read(recipe.output())
            .filter(note -> note.state() != State.FAILED)
            .ifPresent(note -> add(changes, study, cell, recipe, note));
      }
    }
    if (!changes.isEmpty()) {
      throw new InvalidInputException(
          String.join("\n", changes.stream().distinct().toList())
              + "\nPut that back, name another output, or give what is new a label of its own: %s holds what was run."
                  .formatted(study.output()));
    }
  }

  private static void add(
      List<String> changes, Study study, Study.Cell cell, Recipe recipe, RunNote before) {
    for (RecipeChange change : changes(before, RunNote.begun(recipe, study.evaluation()))) {
      changes.add(
          "%s: cell '%s': %s: is %s, was %s when it was run"
              .formatted(study.file(), cell.label(), change.key(), change.now(), change.before()));
    }
  }

  /** What differs, but for the place of the study. */
  static List<RecipeChange> changes(RunNote before, RunNote now) {
    List<RecipeChange> changes = new ArrayList<>();
    RecipeChange.between(before.recipe(), now.recipe()).stream()
        .filter(change -> !change.key().equals("output"))
        .forEach(changes::add);
    RecipeChange.between(before.evaluation(), now.evaluation()).stream()
        .map(c -> new RecipeChange("evaluation." + c.key(), c.before(), c.now()))
        .forEach(changes::add);
    return changes;
  }
}
