package org.longlora4j.launcher.command;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.recipe.RecipeLibrary;
import org.longlora4j.core.recipe.Study;
import org.longlora4j.core.recipe.StudyReader;
import org.longlora4j.core.report.StudyFiles;
import org.longlora4j.core.report.StudyResults;
import org.longlora4j.core.report.StudyResults.State;
import org.longlora4j.core.report.StudyTable;
import org.longlora4j.core.study.StudyRunner;
import org.longlora4j.core.study.StudyState;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Carries a study out. */
@Command(
    name = "study",
    description = {
      "Trains and measures recipes that differ in something, and compares what comes out.",
      "The study's directory holds a run for each cell and seed, the table as results.md, .csv and"
          + " .json, and report.html. Started again, a study goes on where it ended; what is"
          + " completed is not repeated. Exit code 1 if a run failed; the others are carried out."
    })
final class StudyCommand implements Callable<Integer> {
  /** What names a file and not a shipped study. */
  private static final Pattern FILE = Pattern.compile(".*[/\\\\].*|.*\\.ya?ml");

  private final Session session;
  @Mixin private ResultFormat format;

  @Parameters(
      paramLabel = "STUDY",
      description = "The study file, or the name of a shipped study such as attention-patterns.")
  private String study;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "The study's directory. Default: what the file says; for a shipped study a folder of its"
              + " name in the current one.")
  private Optional<Path> output = Optional.empty();

  @Option(
      names = "--seeds",
      split = ",",
      paramLabel = "N",
      description = "Train each cell with these seeds in place of the file's.")
  private List<Long> seeds = List.of();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "Set a recipe key above every cell, such as training.steps=20; the value is YAML. May be"
              + " given several times.")
  private List<String> overrides = List.of();

  @Option(
      names = "--plan",
      description =
          "List the runs with what each will take and where it stands; carry nothing out.")
  private boolean plan;

  StudyCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    Study read = read();
    if (plan) {
      StudyState.requireUnchanged(read);
      session.output().print(format, StudyPlan.of(read, session.extensions()));
      return ExitCode.OK;
    }
    StudyProgress progress = new StudyProgress(session.environment(), command(read));
    StudyResults results;
    try (StopSignal stop = new StopSignal(session.environment().err())) {
      results =
          new StudyRunner(session.extensions(), session.engine())
              .run(read, progress, stop::isRequested);
      progress.write(results);
    }
    session.output().print(format, new Compared(results));
    return results.count(State.FAILED) > 0 ? ExitCode.SOFTWARE : ExitCode.OK;
  }

  private Study read() {
    boolean shipped = !FILE.matcher(study).matches();
    Path file = shipped ? shipped() : Path.of(study);
    Optional<Path> directory =
        output.or(() -> Optional.of(study).filter(n -> shipped).map(Path::of));
    return new StudyReader(session.extensions(), session.recipes())
        .read(file, new StudyReader.Overrides(overrides, seeds, directory));
  }

  private Path shipped() {
    RecipeLibrary studies = session.studies();
    return studies
        .find(study)
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "STUDY is '%s', must be a file such as ./study.yaml%s"
                        .formatted(
                            study,
                            studies.names().isEmpty()
                                ? ""
                                : " or a shipped study ("
                                    + String.join(", ", studies.names())
                                    + ")")));
  }

  /** The command line that carries the study out, or goes on with it, for a shell. */
  private String command(Study read) {
    List<String> words = new ArrayList<>(List.of("longlora", "study"));
    words.add(Files.exists(Path.of(study)) ? read.file().toString() : study);
    words.addAll(List.of("--output", read.output().toString()));
    if (!seeds.isEmpty()) {
      words.add("--seeds");
      words.add(String.join(",", seeds.stream().map(String::valueOf).toList()));
    }
    for (String override : overrides) {
      words.addAll(List.of("--set", override));
    }
    return String.join(" ", words.stream().map(RecipeOptions::quoted).toList());
  }

  /** What a study found out. */
  record Compared(StudyResults results) implements Result {
    @JsonValue
    JsonNode tree() {
      return new StudyFiles(new StudyTable(results)).json();
    }

    @Override
    public String toText() {
      StudyTable table = new StudyTable(results);
      List<List<String>> rows = new ArrayList<>();
      rows.add(table.columns().stream().map(name -> name.toUpperCase(Locale.ROOT)).toList());
      rows.addAll(table.rows());
      List<String> lines = new ArrayList<>(List.of(new TextTable(rows).toText(), ""));
      lines.addAll(table.notes());
      lines.add("The report: " + results.directory().resolve("report.html"));
      return String.join("\n", lines);
    }
  }
}
