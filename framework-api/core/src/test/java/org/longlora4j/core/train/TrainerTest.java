package org.longlora4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.longlora4j.core.Golden.SERVICES;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.train.StepMetrics;
import org.longlora4j.api.train.TrainingListener;

class TrainerTest {
  @TempDir private Path folder;

  private Watcher train(boolean resume, String... overrides) throws IOException {
    Watcher watcher = new Watcher();
    try (PreparedRun run =
        PreparedRun.of(TestRecipes.read(folder, overrides), TestRecipes.registry(), SERVICES)) {
      new Trainer(SERVICES).train(run, resume, List.of(watcher), () -> false);
    }
    return watcher;
  }

  @Test
  void aRandomPatternDrawsTheSameWhenALayerRunsAgain() throws IOException {
    Watcher kept = train(false, "attention=noisy", "training.recompute=false", "output=kept");
    Watcher again = train(false, "attention=noisy", "training.recompute=true", "output=again");

    assertThat(kept.losses).hasSize(6).doesNotHaveDuplicates();
    assertThat(again.losses).isEqualTo(kept.losses);
  }

  private static final class Watcher implements TrainingListener {
    private final List<Double> losses = new ArrayList<>();

    @Override
    public void onStep(StepMetrics metrics) {
      losses.add(metrics.loss());
    }
  }
}
