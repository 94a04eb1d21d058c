package org.longlora4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.longlora4j.core.Golden.SERVICES;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.Golden;
import org.longlora4j.core.TensorCensus;
import org.longlora4j.core.data.DataPosition;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.tensor.Autograd;

class CheckpointStoreTest {
  @TempDir private Path run;
  private CausalLanguageModel model;
  private TrainingState state;
  private CheckpointStore store;

  @BeforeEach
  void load() {
    model =
        Golden.partial(Golden.model("llama"), Precision.FLOAT32, Set.of("model.norm", "lm_head"));
    state =
        new TrainingState(
            model, new AdamW(new AdamW.Options(List.of(0.9, 0.95), 1e-8, 0), SERVICES.compiler()));
    store = new CheckpointStore(run, 2, SERVICES.compiler());
  }

  @AfterEach
  void close() {
    state.close();
    model.close();
  }

  private static CheckpointStore.Position at(int step) {
    return new CheckpointStore.Position(step, new DataPosition(1, step, 10L * step, step % 7));
  }

  private Path checkpoints() {
    return run.resolve("checkpoints");
  }

  /** Adds a number to every tensor of the state. */
  private void change(double by) {
    Autograd.silent(
        () -> {
          state.all().values().forEach(tensor -> tensor.addi(by));
          return null;
        });
  }

  private Map<String, float[]> values() {
    Map<String, float[]> values = new LinkedHashMap<>();
    state.all().forEach((name, tensor) -> values.put(name, tensor.toFloatArray()));
    return values;
  }

  @Test
  void aRunWithoutCheckpointsHasNoLatest() {
    assertThat(store.latest()).isEmpty();
  }

  @Test
  void theNewestOnesAreKept() {
    for (int step : new int[] {8, 9, 10, 11}) {
      store.save(at(step), state);
      store.prune();
    }
    assertThat(checkpoints().toFile().list()).containsExactlyInAnyOrder("step-10", "step-11");
    assertThat(store.latest()).contains(at(11));
  }

  @Test
  void aCheckpointIsRestoredToTheBit() {
    change(0.3);
    Map<String, float[]> saved = values();
    assertThat(saved)
        .containsOnlyKeys(
            "parameter/model.norm.weight",
            "parameter/lm_head.weight",
            "optimizer/exp_avg/model.norm.weight",
            "optimizer/exp_avg/lm_head.weight",
            "optimizer/exp_avg_sq/model.norm.weight",
            "optimizer/exp_avg_sq/lm_head.weight");
    long tensors = TensorCensus.of(model.manager());
    store.save(at(5), state);
    change(0.1);
    store.restore(store.latest().orElseThrow(), state);
    values().forEach((name, value) -> assertThat(value).as(name).isEqualTo(saved.get(name)));
    assertThat(TensorCensus.of(model.manager())).isEqualTo(tensors);
  }

  @Test
  void aCheckpointThatCannotBeRemovedStaysUntilItCan() throws IOException {
    for (int step : new int[] {1, 2, 3}) {
      store.save(at(step), state);
    }
    Path oldest = checkpoints().resolve("step-1");
    assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
    Files.setPosixFilePermissions(oldest, PosixFilePermissions.fromString("r-xr-xr-x"));
    assumeFalse(Files.isWritable(oldest), "this user may write anywhere");

    store.prune();
    assertThat(oldest).isDirectory();

    Files.setPosixFilePermissions(oldest, PosixFilePermissions.fromString("rwxr-xr-x"));
    store.prune();
    assertThat(checkpoints().toFile().list()).containsExactlyInAnyOrder("step-2", "step-3");
  }

  @Test
  void whatWasRestoredIsNotMappedAnyMore() throws IOException {
    Path maps = Path.of("/proc/self/maps");
    assumeTrue(Files.isReadable(maps), "this system does not tell what is mapped");
    store.save(at(5), state);
    store.restore(at(5), state);
    assertThat(Files.readString(maps)).doesNotContain("state.safetensors");
  }

  @Test
  void aCheckpointThatWasHalfWrittenIsIgnoredAndClearedAway() throws IOException {
    store.save(at(5), state);
    Path partial = Files.createDirectories(checkpoints().resolve("partial"));
    Files.writeString(partial.resolve("state.safetensors"), "half of a st");
    assertThat(store.latest()).contains(at(5));
    store.save(at(6), state);
    assertThat(store.latest()).contains(at(6));
    assertThat(checkpoints().toFile().list()).containsExactlyInAnyOrder("step-5", "step-6");
  }

  @Test
  void aStepSavedAgainReplacesWhatWasThere() throws IOException {
    Path old = Files.createDirectories(checkpoints().resolve("step-5"));
    Files.writeString(old.resolve("note"), "from before");
    store.save(at(5), state);
    assertThat(old.toFile().list()).containsExactlyInAnyOrder("position.json", "state.safetensors");
  }

  @Test
  void aPositionThatCannotBeReadIsNamedWithTheMend() throws IOException {
    store.save(at(5), state);
    Path file = checkpoints().resolve("step-5").resolve("position.json");
    for (String text : new String[] {"", "{", "{\"step\": 5}", "{\"step\": 5, \"data\": {}}"}) {
      Files.writeString(file, text);
      assertThatThrownBy(() -> store.latest())
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith(file + " cannot be read: ")
          .hasMessageEndingWith(" Remove that checkpoint's folder to go on from an older one.");
    }
  }

  @Test
  void anotherModelsCheckpointIsRefused() {
    store.save(at(5), state);
    try (CausalLanguageModel other =
            Golden.partial(Golden.model("llama"), Precision.FLOAT32, Set.of("model.norm"));
        TrainingState otherState =
            new TrainingState(
                other,
                new AdamW(new AdamW.Options(List.of(0.9, 0.95), 1e-8, 0), SERVICES.compiler()))) {
      assertThatThrownBy(() -> store.restore(at(5), otherState))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(
              checkpoints().resolve("step-5").resolve("state.safetensors")
                  + " holds tensors that this run does not have: it is another run's.");
    }
  }
}
