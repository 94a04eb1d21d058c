package org.longlora4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.model.Kept;
import org.longlora4j.core.tensor.TorchEngine;

class RunDirectoryTest {
  private static final RunChoices CHOICES = new RunChoices(Precision.BFLOAT16, Kept.ATTENTION);

  @TempDir private Path folder;

  private RunDirectory directory(String... overrides) throws IOException {
    return new RunDirectory(TestRecipes.read(folder, overrides));
  }

  private Path recipe() {
    return folder.resolve("recipe.yaml");
  }

  private Path run() {
    return folder.resolve("run");
  }

  private void assertRefused(RunDirectory directory, boolean resume, String message) {
    assertThatThrownBy(() -> directory.requireUsable(resume))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(message);
  }

  @Test
  void aNewOrEmptyDirectoryIsUsedAlsoToResume() throws IOException {
    assertThatCode(() -> directory().requireUsable(false)).doesNotThrowAnyException();
    assertThatCode(() -> directory().requireUsable(true)).doesNotThrowAnyException();
    Files.createDirectory(run());
    assertThatCode(() -> directory().requireUsable(false)).doesNotThrowAnyException();
  }

  @Test
  void aForeignDirectoryIsRefused() throws IOException {
    Files.writeString(Files.createDirectory(run()).resolve("thesis.tex"), "");
    assertRefused(
        directory(),
        false,
        recipe()
            + ": output: "
            + run()
            + " exists and holds no run. Name another output, or empty it.");
    Path file = Files.createFile(folder.resolve("file"));
    assertRefused(
        directory("output=file"),
        true,
        recipe() + ": output: " + file + " is not a directory that can be read.");
  }

  @Test
  void aRunIsNotOverwrittenUnlessItIsResumed() throws IOException {
    directory().begin(CHOICES, TorchEngine.start());
    assertRefused(
        directory(),
        false,
        recipe()
            + ": output: "
            + run()
            + " holds a run already. Go on with it by --resume, or name another output.");
    assertThatCode(() -> directory().requireUsable(true)).doesNotThrowAnyException();
  }

  @Test
  void oneRunAtATimeUsesADirectory() throws IOException {
    directory().begin(CHOICES, TorchEngine.start());
    RunLock held = directory().lock(true);
    assertThatThrownBy(() -> directory().lock(true))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            recipe()
                + ": output: another process trains in "
                + run()
                + ". Wait for its end, or name another output.");
    held.close();
    directory().lock(true).close();
    assertThat(run().resolve("recipe.yaml")).exists();
  }

  @Test
  void aLockOnADirectoryInWhichNoRunBeganLeavesNothing() throws IOException {
    directory().lock(false).close();
    assertThat(run()).doesNotExist();
    Files.createDirectory(run());
    directory().lock(false).close();
    assertThat(run()).isEmptyDirectory();
  }

  @Test
  void aRunThatBeganBeforeTheLockWasTakenIsNotOverwritten() throws IOException {
    RunDirectory second = directory();
    second.requireUsable(false);
    directory().begin(CHOICES, TorchEngine.start());
    assertThatThrownBy(() -> second.lock(false)).hasMessageContaining("holds a run already");
    directory().lock(true).close();
  }

  @Test
  void whatChangedSinceTheRunBeganIsNamedByItsKey() throws IOException {
    directory("attention=dense").begin(CHOICES, TorchEngine.start());
    assertRefused(
        directory(
            "context=64",
            "training.optimizer={use: adamw, weight-decay: 0.1}",
            "evaluation={every: 5, data: rows}"),
        true,
        """
        RECIPE: context: is 64, was 32 when the run began
        RECIPE: evaluation.data.use: is rows, was not set when the run began
        RECIPE: evaluation.every: is 5, was not set when the run began
        RECIPE: evaluation.rows: is 16, was not set when the run began
        RECIPE: training.optimizer.weight-decay: is 0.1, was 0.0 when the run began
        Put that back, or begin a new run in another output."""
            .replace("RECIPE", recipe().toString()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "training.steps=12",
        "training.learning-rate=0.0005",
        "training.max-grad-norm=0.3",
        "training.checkpoint-every=3",
        "training.keep-checkpoints=5",
      })
  void whatChangesNoStepThatWasTakenMayDiffer(String override) throws IOException {
    directory().begin(CHOICES, TorchEngine.start());
    assertThatCode(() -> directory(override).requireUsable(true)).doesNotThrowAnyException();
  }

  @Test
  void theChoicesOfTheRunAreTakenAgain() throws IOException {
    assertThat(directory().choices()).isEmpty();
    directory().begin(CHOICES, TorchEngine.start());
    assertThat(directory().choices()).contains(CHOICES);
    assertThat(run().resolve("run.json"))
        .content()
        .contains("\"engine\"", "\"threads\"", "\"allocator\"");
    for (String text :
        new String[] {
          "{",
          "{\"precision\": \"int8\", \"recompute\": \"true\"}",
          "{\"precision\": \"float32\"}",
          "{\"precision\": \"float32\", \"recompute\": true}",
          "{\"precision\": \"float32\", \"recompute\": \"auto\"}"
        }) {
      Files.writeString(run().resolve("run.json"), text);
      assertThatThrownBy(() -> directory().choices())
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith(run().resolve("run.json") + " cannot be read: ")
          .hasMessageEndingWith(" Begin a new run in another output.");
    }
  }
}
