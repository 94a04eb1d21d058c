package org.longlora4j.core.recipe;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A validated study: recipes that differ in something, and how what they make is measured. All
 * paths are absolute.
 *
 * @param file the study file
 * @param title what the report is headed with
 * @param about what is asked
 * @param paper what the cells' paper numbers are
 * @param output the study's directory
 * @param evaluation how each model is measured
 * @param cells what is compared, in the order of the file
 */
public record Study(
    Path file,
    String title,
    Optional<String> about,
    Optional<String> paper,
    Path output,
    StudyEvaluation evaluation,
    List<Cell> cells) {
  /** Requires all parts. */
  public Study {
    requireNonNull(file, "file is null");
    requireNonNull(title, "title is null");
    requireNonNull(about, "about is null");
    requireNonNull(paper, "paper is null");
    requireNonNull(output, "output is null");
    requireNonNull(evaluation, "evaluation is null");
    cells = List.copyOf(cells);
  }

  /**
   * One setting of what is compared.
   *
   * @param label its name, different for each
   * @param trained whether it is trained; if not, there is one recipe, and its model is measured as
   *     it is with the recipe's positional scaling and quantization
   * @param recipes one for each seed, with a directory within the study's as output
   * @param paper the paper's number
   */
  public record Cell(String label, boolean trained, List<Recipe> recipes, OptionalDouble paper) {
    /** Requires all parts. */
    public Cell {
      requireNonNull(label, "label is null");
      recipes = List.copyOf(recipes);
      requireNonNull(paper, "paper is null");
    }
  }
}
