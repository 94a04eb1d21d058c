package org.longlora4j.launcher.command;

import static com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.plan.RunPlan;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.Study;
import org.longlora4j.core.report.StudyResults;
import org.longlora4j.core.report.StudyResults.Cell;
import org.longlora4j.core.report.StudyResults.Run;
import org.longlora4j.core.report.StudyResults.State;
import org.longlora4j.core.study.StudyState;
import org.longlora4j.core.train.ProcessMemory;

/**
 * What a study will take, cell by cell.
 *
 * @param study the study file
 * @param output the study's directory
 * @param cells one row each
 */
record StudyPlan(Path study, Path output, List<Row> cells) implements Result {
  private static final double TERA = 1e12;

  /**
   * One cell.
   *
   * @param runs how many there are, one for each seed
   * @param completed how many of them are completed
   * @param failed how many have failed, and will be tried again
   * @param steps of each run; absent without training, as are those that follow
   * @param trainedParameters how many numbers train
   * @param peakBytes the most memory at once
   * @param operations of a run's training
   * @param mistake why the cell does not fit its model, if it does not
   */
  record Row(
      String cell,
      int context,
      int runs,
      long completed,
      long failed,
      @JsonInclude(NON_NULL) Integer steps,
      @JsonInclude(NON_NULL) Long trainedParameters,
      @JsonInclude(NON_NULL) Long peakBytes,
      @JsonInclude(NON_NULL) Long operations,
      @JsonInclude(NON_NULL) String mistake) {
    private List<String> cells() {
      return List.of(
          cell,
          Integer.toString(context),
          "%d of %d".formatted(completed, runs)
              + (failed > 0 ? ", %d failed".formatted(failed) : ""),
          steps == null ? "-" : steps.toString(),
          trainedParameters == null ? "-" : "%,d".formatted(trainedParameters),
          peakBytes == null ? "-" : MemorySize.text(peakBytes),
          operations == null ? "-" : String.format(Locale.ROOT, "%.1f", operations / TERA),
          mistake == null ? "" : mistake);
    }
  }

  static StudyPlan of(Study study, ExtensionRegistry extensions) {
    StudyResults standing = StudyState.read(study);
    long available = new ProcessMemory().availableBytes();
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < study.cells().size(); i++) {
      rows.add(row(study.cells().get(i), standing.cells().get(i), extensions, available));
    }
    return new StudyPlan(study.file(), study.output(), rows);
  }

  private static Row row(
      Study.Cell cell, Cell standing, ExtensionRegistry extensions, long available) {
    Recipe recipe = cell.recipes().get(0);
    if (!cell.trained()) {
      return row(standing, null, null, null, null, null);
    }
    int steps = recipe.training().steps();
    try {
      RunPlan plan = RunPlan.of(recipe, extensions, available);
      return row(
          standing,
          steps,
          plan.trainedParameters(),
          plan.memory().peak(),
          steps * plan.arithmetic().carriedOut(),
          null);
    } catch (InvalidInputException e) {
      return row(standing, steps, null, null, null, e.getMessage());
    }
  }

  private static Row row(
      Cell standing, Integer steps, Long trained, Long peak, Long operations, String mistake) {
    return new Row(
        standing.label(),
        standing.context(),
        standing.runs().size(),
        count(standing, State.COMPLETED),
        count(standing, State.FAILED),
        steps,
        trained,
        peak,
        operations,
        mistake);
  }

  private static long count(Cell cell, State state) {
    return cell.runs().stream().map(Run::state).filter(state::equals).count();
  }

  @Override
  public String toText() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of("CELL", "CONTEXT", "RUNS DONE", "STEPS", "TRAINED", "MEMORY", "TFLOP A RUN", ""));
    cells.forEach(cell -> rows.add(cell.cells()));
    return new TextTable(rows).toText();
  }
}
