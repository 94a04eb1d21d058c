package org.longlora4j.launcher.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class OutputTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Output output =
      new Output(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  private final ResultFormat format = new ResultFormat();

  private record Difference(double largestDifference, Path model) implements Result {
    @Override
    public String toText() {
      return "largest difference " + largestDifference;
    }
  }

  @Test
  void a_result_is_text_for_people() {
    output.print(format, new Difference(0.5, Path.of("models")));

    assertThat(out.toString(UTF_8)).isEqualToNormalizingNewlines("largest difference 0.5\n");
  }

  @Test
  void a_result_is_its_components_in_snake_case_for_programs() {
    new CommandLine(format).parseArgs("--json");

    output.print(format, new Difference(0.5, Path.of("modèles")));

    assertThat(out.toString(UTF_8))
        .isEqualToIgnoringWhitespace("{\"largest_difference\": 0.5, \"model\": \"modèles\"}");
  }

  @Test
  void warnings_stay_out_of_results() {
    output.warn("no tokenizer");

    assertThat(out.toString(UTF_8)).isEmpty();
    assertThat(err.toString(UTF_8)).isEqualToNormalizingNewlines("warning: no tokenizer\n");
  }
}
