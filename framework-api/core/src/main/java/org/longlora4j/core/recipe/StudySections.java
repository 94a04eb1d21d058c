package org.longlora4j.core.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.longlora4j.api.plugin.Option;

/** The keys of a study file beside {@code recipe}, {@code cells} and {@code axes}. */
record StudySections(
    @Option("What the report is headed with; the file's name unless given") Optional<String> title,
    @Option("What is asked, for the report") Optional<String> about,
    @Option("What the numbers under the cells' paper keys are, and where they stand")
        Optional<String> paper,
    @Option("The study's directory; a folder beside the file, named after it, unless given")
        Optional<Path> output,
    @Option(value = "Each cell is trained once with each of these seeds", defaultValue = "1")
        List<Long> seeds,
    @Option("How each model is measured") StudyEvaluation evaluation) {
  /** Checks what the single options' bounds cannot say. */
  StudySections {
    seeds = List.copyOf(seeds);
    if (seeds.isEmpty() || seeds.stream().distinct().count() < seeds.size()) {
      throw new IllegalArgumentException("seeds is %s, must name each once".formatted(seeds));
    }
  }

  /** The keys of a cell beside {@code set}. */
  record Cell(
      @Option(
              value =
                  "Whether the model is trained; if not, it is measured as it is, with the recipe's"
                      + " positional scaling and quantization",
              defaultValue = "true")
          boolean train,
      @Option("The paper's number for this cell") OptionalDouble paper) {}
}
