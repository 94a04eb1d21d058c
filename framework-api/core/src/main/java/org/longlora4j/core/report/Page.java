package org.longlora4j.core.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.longlora4j.core.report.LineChart.Drawing;

/**
 * All that the template puts into the page, by the names that it has there.
 *
 * @param style the style sheet, not escaped
 */
record Page(
    String style,
    String name,
    Headline.Status status,
    String lead,
    List<Headline.Fact> facts,
    boolean hasMeasurements,
    List<Drawing> perplexity,
    List<Table> perplexityTable,
    List<LengthComparison.HeatMap> passkey,
    boolean hasSteps,
    List<Drawing> charts,
    List<Table> stepTable,
    boolean hasParts,
    List<Costs.Parts> parts,
    List<Command> commands,
    String recipe,
    List<Entry> environment,
    String directory) {

  /** A command line and what it is for. */
  record Command(String purpose, String line) {}

  /** A line of the table about the environment. */
  record Entry(String name, String value) {}

  static Page of(RunFiles run, String style) {
    Headline headline = new Headline(run);
    LengthComparison lengths = new LengthComparison(run);
    List<Drawing> perplexity = lengths.perplexity().stream().toList();
    List<LengthComparison.HeatMap> passkey = lengths.passkey();
    boolean hasSteps = !run.steps().isEmpty();
    Optional<TrainingCharts> charts =
        hasSteps ? Optional.of(new TrainingCharts(run)) : Optional.empty();
    List<Costs.Parts> parts = run.summary().map(ended -> new Costs(ended).all()).orElse(List.of());
    return new Page(
        style,
        name(run.directory()),
        headline.status(),
        headline.lead(),
        headline.facts(),
        !perplexity.isEmpty() || !passkey.isEmpty(),
        perplexity,
        lengths.perplexityTable().stream().toList(),
        passkey,
        hasSteps,
        charts.map(TrainingCharts::drawings).orElse(List.of()),
        charts.map(TrainingCharts::table).stream().toList(),
        !parts.isEmpty(),
        parts,
        commands(run),
        run.recipeText(),
        run.environment().entrySet().stream()
            .map(entry -> new Entry(entry.getKey().replace('_', ' '), entry.getValue()))
            .toList(),
        run.directory().toString());
  }

  private static String name(Path directory) {
    Path name = directory.getFileName();
    return name == null ? directory.toString() : name.toString();
  }

  private static List<Command> commands(RunFiles run) {
    String train = "longlora train " + quoted(run.directory().resolve("recipe.yaml").toString());
    List<Command> commands = new ArrayList<>();
    if (run.summary().map(ended -> ended.ending() != RunSummary.Ending.COMPLETED).orElse(true)) {
      commands.add(new Command("Go on from the newest checkpoint:", train + " --resume"));
    }
    Path again = run.directory().resolveSibling(name(run.directory()) + "-again");
    commands.add(
        new Command(
            "Take the same steps again; on the same machine they give the same losses:",
            train + " --set " + quoted("output=" + again)));
    return commands;
  }

  /** As a shell takes it for one word. */
  private static String quoted(String word) {
    return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
