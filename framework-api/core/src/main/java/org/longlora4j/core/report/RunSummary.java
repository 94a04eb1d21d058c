package org.longlora4j.core.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.longlora4j.core.data.DataReport;
import org.longlora4j.core.tensor.AtomicFile;

/**
 * What a run was and what it took, put down in {@code summary.json} when it ends.
 *
 * @param ending how the run ended
 * @param failure why it failed, if it did
 * @param originalContext the base model's context length, in tokens
 * @param steps how many the recipe asks for
 * @param tokensPerStep tokens that one step goes through
 * @param trainableParameters how many numbers train
 * @param totalParameters how many numbers the model has, trained ones included
 * @param seconds from the first step to the end, all sessions of the run together
 * @param phases seconds of that by part of the training loop
 * @param memory bytes of tensors by what they hold
 * @param peakMemoryBytes largest resident memory of the process
 * @param data what was read in all sessions of the run, and what was left out of it
 */
public record RunSummary(
    Ending ending,
    Optional<String> failure,
    int originalContext,
    int steps,
    long tokensPerStep,
    long trainableParameters,
    long totalParameters,
    double seconds,
    Map<String, Double> phases,
    Map<String, Long> memory,
    long peakMemoryBytes,
    DataReport data) {
  private static final String FILE = "summary.json";
  private static final ObjectMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  /** How a run ended. */
  public enum Ending {
    /** With the recipe's last step. */
    COMPLETED,
    /** Before that, as it was told to, with its state saved. */
    STOPPED,
    /** Before that, since it could not go on. */
    FAILED
  }

  /**
   * Writes it into a run's directory.
   *
   * @throws IOException if the disk does not take it
   */
  public void write(Path run) throws IOException {
    ObjectNode json = JSON.createObjectNode();
    json.put("ending", ending.name().toLowerCase(Locale.ROOT));
    failure.ifPresent(message -> json.put("failure", message));
    json.put("original_context", originalContext);
    json.put("steps", steps);
    json.put("tokens_per_step", tokensPerStep);
    json.put("trainable_parameters", trainableParameters);
    json.put("total_parameters", totalParameters);
    json.put("seconds", seconds);
    json.set("phase_seconds", JSON.valueToTree(phases));
    json.set("memory_bytes", JSON.valueToTree(memory));
    json.put("peak_memory_bytes", peakMemoryBytes);
    json.set("data", JSON.valueToTree(data));
    AtomicFile.write(run.resolve(FILE), json.toPrettyString() + "\n");
  }

  /**
   * Reads that of a run, if one of its sessions has ended.
   *
   * @throws IOException if the file cannot be read
   */
  public static Optional<RunSummary> read(Path run) throws IOException {
    Path file = run.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    JsonNode json = JSON.readTree(file.toFile());
    return Optional.of(
        new RunSummary(
            Ending.valueOf(json.path("ending").asText().toUpperCase(Locale.ROOT)),
            Optional.ofNullable(json.path("failure").textValue()),
            json.path("original_context").asInt(),
            json.path("steps").asInt(),
            json.path("tokens_per_step").asLong(),
            json.path("trainable_parameters").asLong(),
            json.path("total_parameters").asLong(),
            json.path("seconds").asDouble(),
            map(json.path("phase_seconds"), JsonNode::asDouble),
            map(json.path("memory_bytes"), JsonNode::asLong),
            json.path("peak_memory_bytes").asLong(),
            json.has("data")
                ? JSON.treeToValue(json.get("data"), DataReport.class)
                : DataReport.NONE));
  }

  private static <T> Map<String, T> map(JsonNode object, Function<JsonNode, T> value) {
    Map<String, T> map = new LinkedHashMap<>();
    object.properties().forEach(entry -> map.put(entry.getKey(), value.apply(entry.getValue())));
    return map;
  }

  /** The seconds of an earlier session and of this one. */
  public static Map<String, Double> sum(Map<String, Double> earlier, Map<String, Double> now) {
    Map<String, Double> sum = new LinkedHashMap<>(earlier);
    now.forEach((phase, seconds) -> sum.merge(phase, seconds, Double::sum));
    return sum;
  }
}
