package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose moments are kept in 8 bits; of the tiny model, those of the embeddings are. */
class EightBitOptimizerTest {
  private static final String EIGHT_BIT = "training.optimizer=adamw-8bit";

  @TempDir private Path directory;

  @Test
  void lossesAreNearThoseOf32Bits() throws IOException {
    SmallRun run = SmallRun.in(directory);
    assertThat(run.train("output=wide").exitCode()).isZero();
    assertThat(run.train(EIGHT_BIT).exitCode()).isZero();

    List<Double> wide = losses("wide");
    List<Double> narrow = losses("run");
    assertThat(narrow).hasSameSizeAs(wide).isNotEqualTo(wide);
    for (int step = 0; step < wide.size(); step++) {
      assertThat(narrow.get(step)).isCloseTo(wide.get(step), within(1e-2));
    }
  }

  private List<Double> losses(String output) throws IOException {
    return SmallRun.lines(directory.resolve(output).resolve("metrics.jsonl")).stream()
        .map(line -> line.get("loss").asDouble())
        .toList();
  }

  @Test
  void aResumedRunGoesOnExactly() throws IOException {
    SmallRun run = SmallRun.in(directory);
    assertThat(run.train(EIGHT_BIT, "output=whole").exitCode()).isZero();
    assertThat(run.train(EIGHT_BIT, "training.steps=2").exitCode()).isZero();
    assertThat(run.resume(EIGHT_BIT).exitCode()).isZero();

    assertThat(losses("run")).isEqualTo(losses("whole"));
    assertThat(Files.readAllBytes(run.output().resolve("adapter_model.safetensors")))
        .isEqualTo(Files.readAllBytes(directory.resolve("whole/adapter_model.safetensors")));
  }
}
