package ${package};

import com.google.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.train.RunStart;
import org.longlora4j.api.train.StepMetrics;
import org.longlora4j.api.train.TrainingListener;

/** Writes a line for each step into a file of the run's directory. */
public final class LossTable implements TrainingListener {
  /**
   * What a recipe says about {@code ${artifactId}}.
   *
   * @param file its name
   */
  public record Options(
      @Option(value = "The name of the file in the run's directory.", defaultValue = "losses.csv")
          String file) {}

  private final String name;
  private Optional<Path> file = Optional.empty();

  @Inject
  LossTable(Options options) {
    name = options.file();
  }

  @Override
  public void onStart(RunStart start) {
    file = Optional.of(start.output().resolve(name));
  }

  @Override
  public void onStep(StepMetrics metrics) {
    String line = metrics.step() + "," + metrics.loss() + System.lineSeparator();
    try {
      Files.writeString(
          file.orElseThrow(), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
