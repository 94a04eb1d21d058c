package org.longlora4j.core.report;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.longlora4j.core.tensor.AtomicFile;

/**
 * What was measured of a model at several lengths, before or after its training: {@code
 * evaluation/before.json} and {@code evaluation/after.json} in a run's directory.
 *
 * @param perplexity by length
 * @param passkey by length and depth
 */
public record Measurements(List<Perplexity> perplexity, List<Passkey> passkey) {
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** The model that was measured. */
  public enum Model {
    /** The base. */
    BEFORE,
    /** The one that training made of it. */
    AFTER;

    private Path file(Path run) {
      return run.resolve("evaluation").resolve(name().toLowerCase(Locale.ROOT) + ".json");
    }
  }

  /**
   * How well a text is predicted in windows of a length.
   *
   * @param length in tokens
   * @param perplexity the exponential of the mean loss in nats
   */
  public record Perplexity(int length, double perplexity) {}

  /**
   * How often a key hidden in a text was told.
   *
   * @param length of the text in tokens
   * @param depth where the key stands, from 0 for the beginning to 1 for the end
   * @param accuracy share of the trials in which the model told it, from 0 to 1
   * @param trials how many texts there were
   */
  public record Passkey(int length, double depth, double accuracy, int trials) {}

  /** Takes what there is: a kind that was not measured may be left out of a file. */
  public Measurements {
    perplexity = List.copyOf(Objects.requireNonNullElse(perplexity, List.of()));
    passkey = List.copyOf(Objects.requireNonNullElse(passkey, List.of()));
  }

  /** Nothing measured. */
  static Measurements none() {
    return new Measurements(List.of(), List.of());
  }

  /**
   * Writes them into a run's directory, for its report.
   *
   * @throws IOException if the disk does not take it
   */
  public void write(Path run, Model model) throws IOException {
    Path file = model.file(run);
    Files.createDirectories(file.getParent());
    AtomicFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
  }

  /**
   * Reads those of a run, if there are any.
   *
   * @throws IOException if the file cannot be read
   */
  public static Optional<Measurements> read(Path run, Model model) throws IOException {
    Path file = model.file(run);
    return Files.exists(file)
        ? Optional.of(JSON.readValue(file.toFile(), Measurements.class))
        : Optional.empty();
  }
}
