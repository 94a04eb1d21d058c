package org.longlora4j.core.evaluate.longbench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.plugin.ProblemList;

/** The files of LongBench: a JSON object on every line. */
public final class JsonLines {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final Optional<String> dataset;
  private final List<String> problems = new ArrayList<>();

  private JsonLines(Path file, Optional<String> dataset) {
    this.file = file;
    this.dataset = dataset;
  }

  /**
   * Reads samples.
   *
   * @param file a task's file
   * @param dataset the name to go by instead of that in the file
   * @throws InvalidInputException with the first of all lines that are wrong
   */
  public static List<Sample> samples(Path file, Optional<String> dataset) {
    JsonLines lines = new JsonLines(file, dataset);
    return lines.read(
        line ->
            new Sample(
                line.optional("_id"),
                lines.dataset(line),
                line.text("input"),
                line.text("context"),
                line.texts("answers"),
                line.classes(),
                line.length()));
  }

  /**
   * Reads predictions.
   *
   * @param file as {@link #line} writes it, or as LongBench's own script does
   * @param dataset the name to go by instead of that in the file
   * @throws InvalidInputException with the first of all lines that are wrong
   */
  public static List<Prediction> predictions(Path file, Optional<String> dataset) {
    JsonLines lines = new JsonLines(file, dataset);
    return lines.read(
        line ->
            new Prediction(
                line.optional("_id"),
                lines.dataset(line),
                line.text("pred"),
                line.texts("answers"),
                line.classes(),
                line.length()));
  }

  /** A prediction as one line, without its end: LongBench's keys, and whose prediction it is. */
  public static String line(Prediction prediction) {
    ObjectNode json = JSON.createObjectNode();
    json.put("_id", prediction.id());
    json.put("dataset", prediction.dataset());
    json.put("pred", prediction.prediction());
    json.set("answers", JSON.valueToTree(prediction.answers()));
    json.set(
        "all_classes",
        prediction.classes().isEmpty() ? JSON.nullNode() : JSON.valueToTree(prediction.classes()));
    json.put("length", prediction.length());
    return json.toString();
  }

  private <T> List<T> read(Function<Line, T> reader) {
    List<T> all = new ArrayList<>();
    List<String> texts;
    try {
      texts = Files.readAllLines(file);
    } catch (IOException e) {
      throw new InvalidInputException(file + " cannot be read as UTF-8 text: " + e, e);
    }
    for (int number = 1; number <= texts.size(); number++) {
      String text = texts.get(number - 1);
      if (!text.isBlank()) {
        read(text, number).map(reader).ifPresent(all::add);
      }
    }
    if (all.isEmpty() && problems.isEmpty()) {
      problems.add(file + " is empty, must have a JSON object on every line");
    }
    if (!problems.isEmpty()) {
      throw new InvalidInputException(ProblemList.firstOf(problems));
    }
    return all;
  }

  private Optional<Line> read(String text, int number) {
    try {
      JsonNode json = JSON.readTree(text);
      if (json.isObject()) {
        return Optional.of(new Line(json, number));
      }
      problems.add("%s:%d: is not a JSON object".formatted(file, number));
    } catch (JsonProcessingException e) {
      problems.add("%s:%d: %s".formatted(file, number, e.getOriginalMessage()));
    }
    return Optional.empty();
  }

  private String dataset(Line line) {
    String own = line.optional("dataset");
    return dataset.orElseGet(() -> own.isEmpty() ? stem() : own);
  }

  /** What stands before the first point of the file's name. */
  private String stem() {
    return file.getFileName().toString().split("\\.", 2)[0];
  }

  /** Typed access to one object. */
  private final class Line {
    private final JsonNode json;
    private final int number;

    Line(JsonNode json, int number) {
      this.json = json;
      this.number = number;
    }

    String text(String key) {
      if (!json.path(key).isTextual()) {
        report(key, "a text");
      }
      return json.path(key).asText();
    }

    String optional(String key) {
      return json.path(key).asText("");
    }

    List<String> texts(String key) {
      JsonNode list = json.path(key);
      boolean whole =
          list.isArray()
              && StreamSupport.stream(list.spliterator(), false).allMatch(JsonNode::isTextual);
      if (!whole) {
        report(key, "a list of texts");
      }
      List<String> texts = new ArrayList<>();
      list.forEach(text -> texts.add(text.asText()));
      return texts;
    }

    /** Absent, and null, where there are none. */
    List<String> classes() {
      boolean none = json.path("all_classes").isMissingNode() || json.path("all_classes").isNull();
      return none ? List.of() : texts("all_classes");
    }

    int length() {
      return json.path("length").asInt();
    }

    private void report(String key, String wanted) {
      String found = json.has(key) ? "is " + json.get(key).getNodeType() : "is missing";
      problems.add("%s:%d: %s: %s, must be %s".formatted(file, number, key, found, wanted));
    }
  }
}
