package org.longlora4j.core.study;

import java.util.List;
import java.util.OptionalLong;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.core.report.StudyResults;

/** Who is told how a study goes on. */
public interface StudyWatcher {
  /**
   * A run begins, or goes on.
   *
   * @param number which of all, from 1
   * @param of how many there are
   * @param cell its label
   * @param seed of its training; empty if the model is measured as it is
   */
  void onRun(int number, int of, String cell, OptionalLong seed);

  /** Training is over, and the model is being measured. */
  void onMeasurement();

  /** Those who watch the training steps of the run that begins; closed at its end. */
  List<TrainingListener> trainingListeners();

  /**
   * A run has ended.
   *
   * @param run how
   * @param results all there is so far
   */
  void onEnd(StudyResults.Run run, StudyResults results);
}
