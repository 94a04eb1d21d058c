package org.longlora4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.longlora4j.core.Golden.SERVICES;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.train.StepMetrics;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.core.Golden;
import org.longlora4j.core.NativeHeap;
import org.longlora4j.core.TensorCensus;
import org.longlora4j.core.data.DataPosition;
import org.longlora4j.core.data.ShuffledRows;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.Kept;
import org.longlora4j.core.recipe.Recipe;

/** A run of some hundred steps takes no more at its end than on its way. */
class LongRunTest {
  private static final int STEPS = 600;

  /** Bytes that the JVM itself may take more; one hidden state leaked at each step takes more. */
  private static final long GROWTH = 20L << 20;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"FLOAT32, INPUT", "FLOAT32, ATTENTION", "BFLOAT16, ACTIVATIONS"})
  void tensorsAndMemoryStayTheSame(Precision precision, Kept kept) throws IOException {
    Recipe recipe =
        TestRecipes.read(
            folder,
            "training.steps=" + STEPS,
            "training.accumulate=2",
            "training.checkpoint-every=100",
            "evaluation={every: 50, data: rows, rows: 2}");
    RunChoices choices = new RunChoices(precision, kept);
    Census census = new Census();
    try (PreparedRun run = PreparedRun.of(recipe, TestRecipes.registry(), SERVICES);
        CausalLanguageModel model = Golden.full(Golden.model("llama"), precision);
        TrainingState state = new TrainingState(model, run.parts().optimizer());
        ShuffledRows rows = run.data().rows(DataPosition.START)) {
      census.model = Optional.of(model);
      TrainingLoop loop =
          new TrainingLoop(
              run,
              model,
              state,
              rows,
              new CheckpointStore(recipe.output(), 1, SERVICES.compiler()),
              new Listeners(List.of(census)),
              choices,
              new PhaseClock(),
              SERVICES);
      Trainer.Result result =
          loop.run(new CheckpointStore.Position(0, DataPosition.START), () -> false);
      assertThat(result.lastStep()).isEqualTo(STEPS);
      assertThat(result.loss()).isLessThan(census.losses.get(0) / 2);
    }
    assertThat(census.tensors).hasSize(STEPS).containsOnly(census.tensors.get(0));
    assumeFalse(census.heap.isEmpty(), "native memory is counted under glibc alone");
    int third = STEPS / 3;
    assertThat(census.leastHeap(2 * third, STEPS))
        .isLessThan(census.leastHeap(third, 2 * third) + GROWTH);
  }

  private static final class Census implements TrainingListener {
    private final List<Long> tensors = new ArrayList<>();
    private final List<Double> losses = new ArrayList<>();
    private Optional<CausalLanguageModel> model = Optional.empty();
    private final List<Long> heap = new ArrayList<>();

    @Override
    public void onStep(StepMetrics metrics) {
      tensors.add(TensorCensus.of(model.orElseThrow().manager()));
      losses.add(metrics.loss());
      NativeHeap.bytesInUse().ifPresent(heap::add);
    }

    /** The least of some steps, without what a compiler thread happened to hold. */
    private long leastHeap(int from, int to) {
      return Collections.min(heap.subList(from, to));
    }
  }
}
