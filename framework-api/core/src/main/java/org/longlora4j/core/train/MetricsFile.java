package org.longlora4j.core.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.longlora4j.api.train.Evaluation;
import org.longlora4j.api.train.RunStart;
import org.longlora4j.api.train.StepMetrics;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.core.tensor.AtomicFile;

/**
 * Writes {@code metrics.jsonl}, one JSON object a step, and {@code evaluation.jsonl}, one for each
 * held-out loss.
 *
 * <p>When a run goes on from a checkpoint, the lines of later steps, which it will take again, are
 * dropped first: each step stands there once.
 */
final class MetricsFile implements TrainingListener {
  static final String STEPS = "metrics.jsonl";
  static final String EVALUATIONS = "evaluation.jsonl";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;

  MetricsFile(Path directory) {
    this.directory = directory;
  }

  @Override
  public void onStart(RunStart start) {
    dropFrom(directory.resolve(STEPS), start.firstStep());
    dropFrom(directory.resolve(EVALUATIONS), start.firstStep());
  }

  private static void dropFrom(Path file, int step) {
    if (!Files.exists(file)) {
      return;
    }
    try {
      List<String> kept = new ArrayList<>();
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        if (stepOf(line) < step) {
          kept.add(line + "\n");
        }
      }
      AtomicFile.write(file, String.join("", kept));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The step of a line; a line that was cut off while it was written belongs to none. */
  private static int stepOf(String line) {
    try {
      JsonNode node = JSON.readTree(line);
      return node.path("step").asInt(Integer.MAX_VALUE);
    } catch (JsonProcessingException e) {
      return Integer.MAX_VALUE;
    }
  }

  @Override
  public void onStep(StepMetrics metrics) {
    ObjectNode line = JSON.createObjectNode();
    line.put("step", metrics.step());
    line.put("loss", metrics.loss());
    line.put("grad_norm", metrics.gradNorm());
    line.put("learning_rate", metrics.learningRate());
    line.put("tokens_per_second", metrics.tokensPerSecond());
    line.put("peak_memory_bytes", metrics.peakMemoryBytes());
    append(STEPS, line);
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    ObjectNode line = JSON.createObjectNode();
    line.put("step", evaluation.step());
    line.put("loss", evaluation.loss());
    append(EVALUATIONS, line);
  }

  private void append(String file, ObjectNode line) {
    try (BufferedWriter writer =
        Files.newBufferedWriter(
            directory.resolve(file),
            StandardCharsets.UTF_8,
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND)) {
      writer.write(line + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
