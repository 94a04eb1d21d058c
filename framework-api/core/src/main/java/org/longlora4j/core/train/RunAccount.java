package org.longlora4j.core.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.train.RunStart;
import org.longlora4j.core.data.DataReport;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.report.Report;
import org.longlora4j.core.report.RunSummary;
import org.longlora4j.core.report.RunSummary.Ending;

/** Keeps account of what a run takes, and writes it down with the report when a session ends. */
final class RunAccount {
  private final PreparedRun run;
  private final RunStart start;
  private final Map<String, Long> memory;
  private final Optional<RunSummary> earlier;
  private final PhaseClock clock = new PhaseClock();

  private RunAccount(
      PreparedRun run, RunStart start, Map<String, Long> memory, Optional<RunSummary> earlier) {
    this.run = run;
    this.start = start;
    this.memory = memory;
    this.earlier = earlier;
  }

  /** Begins a session; time counts from here. */
  static RunAccount begin(
      PreparedRun run, RunStart start, CausalLanguageModel model, TrainingState state) {
    Map<String, Long> memory = new LinkedHashMap<>();
    memory.put("frozen_weights", model.bytes() - state.parameterBytes() - state.optimizerBytes());
    memory.put("trained_parameters", state.parameterBytes());
    memory.put("gradients", state.parameterBytes());
    memory.put("optimizer_state", state.optimizerBytes());
    try {
      Optional<RunSummary> earlier =
          start.firstStep() == 1 ? Optional.empty() : RunSummary.read(start.output());
      return new RunAccount(run, start, memory, earlier);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Counts the phases of this session. */
  PhaseClock clock() {
    return clock;
  }

  /**
   * Ends the session: writes {@code summary.json} and the report.
   *
   * @return what the whole run has read, all of its sessions together
   */
  DataReport end(Ending ending, Optional<String> failure) {
    DataReport data = run.data().read().plus(earlier.map(RunSummary::data).orElse(DataReport.NONE));
    RunSummary summary =
        new RunSummary(
            ending,
            failure,
            run.checkpoint().config().maxPositions(),
            start.steps(),
            start.tokensPerStep(),
            start.trainableParameters(),
            start.totalParameters(),
            earlier.map(RunSummary::seconds).orElse(0.0) + clock.elapsedSeconds(),
            RunSummary.sum(earlier.map(RunSummary::phases).orElse(Map.of()), clock.seconds()),
            memory,
            Math.max(
                earlier.map(RunSummary::peakMemoryBytes).orElse(0L),
                new ProcessMemory().peakBytes()),
            data);
    Path directory = start.output();
    try {
      summary.write(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    new Report().write(directory);
    return data;
  }
}
