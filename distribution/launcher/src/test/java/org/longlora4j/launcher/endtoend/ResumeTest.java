package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a run goes on, when it begins, and when it is refused. */
class ResumeTest {
  @TempDir private Path directory;
  private SmallRun run;

  @BeforeEach
  void writeRecipe() throws IOException {
    run = SmallRun.in(directory);
  }

  @Test
  void resumingWhereNothingIsBegins() throws IOException {
    assertThat(run.resume().exitCode()).isZero();

    assertThat(stepsTaken()).containsExactly(1, 2, 3, 4);
  }

  @Test
  void resumingARunThatSavedNothingBeginsItAgain() throws IOException {
    run.train();
    List<Double> losses = run.losses();
    deleteTree(run.output().resolve("checkpoints"));

    CommandRun resumed = run.resume();

    assertThat(resumed.exitCode()).isZero();
    assertThat(resumed.err()).contains("steps 1 to 4");
    assertThat(stepsTaken()).containsExactly(1, 2, 3, 4);
    assertThat(run.losses()).containsExactlyElementsOf(losses);
  }

  @Test
  void aRunThatEndedWhileItWroteItsRecipeBegins() throws IOException {
    Files.writeString(
        Files.createDirectory(run.output()).resolve("recipe.yaml.partial"), "model: ");

    assertThat(run.resume().exitCode()).isZero();

    assertThat(stepsTaken()).containsExactly(1, 2, 3, 4);
  }

  @Test
  void anOutputThatHoldsARunIsRefusedAndLeftAsItIs() throws IOException {
    run.train();
    List<String> before = contents();

    CommandRun refused = run.train("training.seed=7");

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("output", "holds a run already", "--resume");
    assertThat(contents()).containsExactlyElementsOf(before);
  }

  @Test
  void aCheckSaysWhetherTheOutputHoldsTheRunAlready() throws IOException {
    assertThat(run.check().out()).endsWith("is valid and fits its model and its data.\n");
    assertThat(run.output()).doesNotExist();
    run.train();
    List<String> before = contents();

    CommandRun checked = run.check("training.steps=6");

    assertThat(checked.exitCode()).isZero();
    assertThat(checked.out())
        .contains("holds this run already")
        .contains("longlora train %s --set training.steps=6 --resume".formatted(run.recipe()));
    assertThat(run.check("adapter.rank=8").exitCode()).isEqualTo(2);
    assertThat(contents()).containsExactlyElementsOf(before);
  }

  @Test
  void anOutputThatHoldsSomethingElseIsRefused() throws IOException {
    Files.writeString(Files.createDirectory(run.output()).resolve("thesis.tex"), "");

    for (CommandRun refused : List.of(run.train(), run.resume(), run.check())) {
      assertThat(refused.exitCode()).isEqualTo(2);
      assertThat(refused.err()).contains("output", "holds no run");
    }
  }

  @Test
  void aRunThatAnotherProcessTakesFurtherIsRefused() throws IOException {
    run.train();
    List<String> before = contents();
    try (FileChannel other =
            FileChannel.open(run.output().resolve("lock"), StandardOpenOption.WRITE);
        FileLock held = other.lock()) {
      assertThat(held.isValid()).isTrue();

      CommandRun refused = run.resume("training.steps=6");

      assertThat(refused.exitCode()).isEqualTo(2);
      assertThat(refused.err()).contains("another process trains in " + run.output());
    }
    assertThat(contents()).containsExactlyElementsOf(before);
  }

  @Test
  void aChangedRecipeIsRefusedByItsKeys() throws IOException {
    run.train();
    List<String> before = contents();

    CommandRun refused = run.resume("training.seed=7", "adapter.rank=8");

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err())
        .contains("training.seed: is 7, was 42 when the run began")
        .contains("adapter.rank: is 8, was 4 when the run began");
    assertThat(contents()).containsExactlyElementsOf(before);
  }

  @Test
  void moreStepsGoOnAsIfTheyHadBeenAskedForAtOnce() throws IOException {
    run.train("training.steps=6");
    List<Double> losses = run.losses();
    deleteTree(run.output());
    run.train("training.steps=3");

    CommandRun resumed = run.resume("training.steps=6");

    assertThat(resumed.exitCode()).isZero();
    assertThat(resumed.err()).contains("steps 4 to 6");
    assertThat(stepsTaken()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(run.losses()).containsExactlyElementsOf(losses);
  }

  @Test
  void resumingAFinishedRunTakesNoStep() throws IOException {
    run.train();
    List<String> before = contentsButForTimes();

    CommandRun resumed = run.resume();

    assertThat(resumed.exitCode()).isZero();
    assertThat(resumed.out()).contains("Step 4 was the last.");
    assertThat(contentsButForTimes()).containsExactlyElementsOf(before);
  }

  @Test
  void aLossThatIsNotFiniteStopsTheRunAtTheLastGoodState() throws IOException {
    // At this rate the first step leaves parameters that give no finite loss.
    CommandRun failed = run.train("training.learning-rate=1e30", "training.checkpoint-every=0");

    assertThat(failed.exitCode()).isEqualTo(1);
    assertThat(failed.out()).isEmpty();
    assertThat(failed.err())
        .containsPattern("Step \\d: loss .*not finite, the run stops")
        .contains("learning-rate")
        .doesNotContain("\tat ");
    int last = stepsTaken().size();
    assertThat(last).isPositive();
    assertThat(failed.err()).contains("The state after step " + last + " is kept");
    assertThat(run.output().resolve("checkpoints/step-" + last)).isDirectory();

    CommandRun resumed = run.resume("training.learning-rate=1e30", "training.checkpoint-every=0");

    assertThat(resumed.exitCode()).isEqualTo(1);
    assertThat(resumed.err())
        .contains("steps %d to 4".formatted(last + 1))
        .contains("Step %d: loss".formatted(last + 1));
  }

  @Test
  void theCommandThatAFailureNamesGoesOn() throws IOException {
    run.train("training.steps=2", "training.checkpoint-every=1");
    CommandRun failed =
        run.resume(
            "training.steps=6", "training.learning-rate=1e30", "training.keep-checkpoints=1");
    assertThat(failed.exitCode()).isEqualTo(1);
    int reached = stepsTaken().size();
    assertThat(run.output().resolve("checkpoints").toFile().list()).contains("step-" + reached);

    String command =
        failed.err().lines().filter(line -> line.startsWith("longlora ")).findFirst().orElseThrow();
    assertThat(command).endsWith(" --resume --set training.learning-rate=5.0E29");
    // The state that was kept took its last step at the rate that was too high.
    deleteTree(run.output().resolve("checkpoints/step-" + reached));
    List<String> words = new ArrayList<>(List.of(command.split(" ")).subList(1, 5));
    words.add("training.learning-rate=1e-3");
    CommandRun resumed = CommandRun.of(words.toArray());

    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(stepsTaken()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  private List<Integer> stepsTaken() throws IOException {
    return run.metrics().stream().map(line -> line.get("step").asInt()).toList();
  }

  /** Each file of the output with a fingerprint of what it holds. */
  private List<String> contents() throws IOException {
    List<String> contents = new ArrayList<>();
    try (Stream<Path> files = Files.walk(run.output())) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        contents.add(file + " " + Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return contents;
  }

  /** Without what counts the seconds of every session, those without a step too. */
  private List<String> contentsButForTimes() throws IOException {
    return contents().stream()
        .filter(file -> !file.contains("summary.json ") && !file.contains("report.html "))
        .toList();
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
