package org.longlora4j.api.train;

import org.longlora4j.api.plugin.ExtensionPoint;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Who watches the steps? Called on the training thread, in order; a slow listener slows the run.
 */
@ConsumerType
@ExtensionPoint("training listener")
public interface TrainingListener extends AutoCloseable {
  /** A run starts or goes on. */
  default void onStart(RunStart start) {}

  /** An optimizer step was taken. */
  default void onStep(StepMetrics metrics) {}

  /** The held-out loss was measured. */
  default void onEvaluation(Evaluation evaluation) {}

  /** A checkpoint was written. */
  default void onCheckpoint(CheckpointWritten checkpoint) {}

  /** The run is over, whether it was completed, stopped or failed. */
  @Override
  default void close() {}
}
