package org.longlora4j.core.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.longlora4j.core.report.StudyResults.Cell;
import org.longlora4j.core.report.StudyResults.Outcome;
import org.longlora4j.core.report.StudyResults.Run;
import org.longlora4j.core.tensor.AtomicFile;

/** A study's table as Markdown, CSV and JSON: {@code results.md}, {@code .csv}, {@code .json}. */
public final class StudyFiles {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StudyTable table;

  /** Prepares to write a table. */
  public StudyFiles(StudyTable table) {
    this.table = table;
  }

  /**
   * Writes all three into the study's directory.
   *
   * @throws IOException if the disk does not take it
   */
  public void write() throws IOException {
    Path directory = table.results().directory();
    AtomicFile.write(directory.resolve("results.md"), markdown());
    AtomicFile.write(directory.resolve("results.csv"), csv());
    AtomicFile.write(directory.resolve("results.json"), json().toPrettyString() + "\n");
  }

  /** The table with its notes below, to be included in a document. */
  public String markdown() {
    List<String> lines = new ArrayList<>();
    lines.add(markdownRow(table.columns()));
    lines.add(
        table.columns().stream()
            .skip(1)
            .map(any -> " ---: |")
            .collect(Collectors.joining("", "| --- |", "")));
    table.rows().forEach(row -> lines.add(markdownRow(row)));
    for (String note : table.notes()) {
      lines.add("");
      lines.add(escaped(note));
    }
    return String.join("\n", lines) + "\n";
  }

  private static String markdownRow(List<String> cells) {
    return cells.stream().map(StudyFiles::escaped).collect(Collectors.joining(" | ", "| ", " |"));
  }

  private static String escaped(String text) {
    return text.replace("|", "\\|").replace("<", "&lt;");
  }

  /** A line for each cell, with means, least and most as columns of their own; numbers bare. */
  public String csv() {
    List<String> head = new ArrayList<>(List.of("cell", "context", "trained", "runs", "completed"));
    table.measures().forEach(measure -> head.addAll(spreadColumns(measure.key())));
    head.addAll(List.of("order", "paper", "trained_parameters"));
    head.addAll(spreadColumns("seconds"));
    head.add("peak_memory_bytes");
    return Stream.concat(Stream.of(head), table.results().cells().stream().map(this::csvRow))
        .map(row -> row.stream().map(StudyFiles::quoted).collect(Collectors.joining(",")))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static List<String> spreadColumns(String key) {
    return List.of(key + "_mean", key + "_least", key + "_most");
  }

  private List<String> csvRow(Cell cell) {
    List<String> row = new ArrayList<>();
    row.add(cell.label());
    row.add(Integer.toString(cell.context()));
    row.add(Boolean.toString(cell.trained()));
    row.add(Integer.toString(cell.runs().size()));
    row.add(Long.toString(cell.completed().count()));
    table.measures().forEach(measure -> row.addAll(columns(measure.of(cell))));
    row.add(table.order().place(cell).stream().mapToObj(Integer::toString).findFirst().orElse(""));
    row.add(cell.paper().stream().mapToObj(Double::toString).findFirst().orElse(""));
    Optional<Outcome> any = cell.completed().map(run -> run.outcome().orElseThrow()).findFirst();
    row.add(any.map(outcome -> Long.toString(outcome.trainedParameters())).orElse(""));
    row.addAll(columns(StudyTable.seconds(cell)));
    row.add(any.map(outcome -> Long.toString(StudyTable.peakMemoryBytes(cell))).orElse(""));
    return row;
  }

  private static List<String> columns(Optional<Spread> spread) {
    return spread
        .map(
            known ->
                DoubleStream.of(known.mean(), known.least(), known.most())
                    .mapToObj(Double::toString)
                    .toList())
        .orElse(List.of("", "", ""));
  }

  private static String quoted(String cell) {
    return cell.matches("[^\",\\n\\r]*") ? cell : "\"" + cell.replace("\"", "\"\"") + "\"";
  }

  /** All there is, every single run too. */
  public JsonNode json() {
    StudyResults results = table.results();
    ObjectNode json = JSON.createObjectNode();
    json.put("study", results.file().toString());
    json.put("output", results.directory().toString());
    json.put("title", results.title());
    results.paper().ifPresent(paper -> json.put("paper", paper));
    ArrayNode cells = json.putArray("cells");
    results.cells().forEach(cell -> cells.add(json(cell)));
    ArrayNode notes = json.putArray("notes");
    table.notes().forEach(notes::add);
    return json;
  }

  private ObjectNode json(Cell cell) {
    ObjectNode json = JSON.createObjectNode();
    json.put("cell", cell.label());
    json.put("context", cell.context());
    json.put("trained", cell.trained());
    for (StudyMeasure measure : table.measures()) {
      measure.of(cell).ifPresent(spread -> json.set(measure.key(), json(spread)));
    }
    table.order().place(cell).ifPresent(place -> json.put("order", place));
    cell.paper().ifPresent(paper -> json.put("paper", paper));
    if (cell.trained()) {
      StudyTable.seconds(cell).ifPresent(spread -> json.set("seconds", json(spread)));
    }
    ArrayNode runs = json.putArray("runs");
    cell.runs().forEach(run -> runs.add(json(run)));
    return json;
  }

  private static ObjectNode json(Spread spread) {
    ObjectNode json = JSON.createObjectNode();
    json.put("count", spread.count());
    json.put("mean", spread.mean());
    json.put("least", spread.least());
    json.put("most", spread.most());
    return json;
  }

  private ObjectNode json(Run run) {
    ObjectNode json = JSON.createObjectNode();
    run.seed().ifPresent(seed -> json.put("seed", seed));
    json.put("directory", run.directory().toString());
    json.put("state", run.state().name().toLowerCase(Locale.ROOT));
    run.failure().ifPresent(failure -> json.put("failure", failure));
    run.outcome()
        .ifPresent(
            outcome -> {
              for (StudyMeasure measure : table.measures()) {
                measure.in(outcome.measured()).ifPresent(value -> json.put(measure.key(), value));
              }
              if (run.seed().isPresent()) {
                json.put("trained_parameters", outcome.trainedParameters());
                json.put("seconds", outcome.seconds());
                json.put("peak_memory_bytes", outcome.peakMemoryBytes());
              }
            });
    return json;
  }
}
