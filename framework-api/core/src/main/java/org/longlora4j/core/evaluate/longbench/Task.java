package org.longlora4j.core.evaluate.longbench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.longlora4j.api.plugin.InvalidInputException;

/**
 * How a dataset is scored, as LongBench publishes it.
 *
 * @param metric compares
 * @param maxNewTokens the most tokens of an answer
 * @param firstLine whether only the first line of an answer counts
 */
public record Task(Metric metric, int maxNewTokens, boolean firstLine) {
  private static final String EVEN = "_e";
  private static final Map<String, Task> PUBLISHED = read();

  /** The names of the published datasets. */
  public static Set<String> names() {
    return PUBLISHED.keySet();
  }

  /**
   * The task of a dataset; a name that ends in {@code _e}, for the evenly distributed lengths of
   * LongBench-E, is that of the same dataset.
   *
   * @throws InvalidInputException if there is none of this name
   */
  public static Task of(String dataset) {
    return Optional.ofNullable(PUBLISHED.get(plain(dataset)))
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "the dataset '%s' is none of LongBench's: %s. Name the one that it is scored like"
                            .formatted(dataset, String.join(", ", names()))
                        + " in the key dataset of its file, or by --dataset"));
  }

  /** The name without the ending of LongBench-E. */
  static String plain(String dataset) {
    return dataset.endsWith(EVEN)
        ? dataset.substring(0, dataset.length() - EVEN.length())
        : dataset;
  }

  /** From 0 to 1: the best agreement with any of the answers. */
  public double score(Prediction prediction) {
    String text =
        firstLine
            ? Metric.withoutFirstLineEnds(prediction.prediction()).split("\n", 2)[0]
            : prediction.prediction();
    return prediction.answers().stream()
        .mapToDouble(answer -> metric.of(text, answer, prediction.classes()))
        .max()
        .orElse(0);
  }

  private static Map<String, Task> read() {
    try (InputStream json = Task.class.getResourceAsStream("tasks.json")) {
      Map<String, Task> tasks = new TreeMap<>();
      for (Map.Entry<String, JsonNode> entry : new ObjectMapper().readTree(json).properties()) {
        JsonNode task = entry.getValue();
        String metric = task.get("metric").asText().toUpperCase(Locale.ROOT).replace('-', '_');
        tasks.put(
            entry.getKey(),
            new Task(
                Metric.valueOf(metric),
                task.get("max_new_tokens").asInt(),
                task.path("first_line").asBoolean()));
      }
      return Collections.unmodifiableMap(tasks);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
