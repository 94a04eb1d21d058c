package org.longlora4j.core.train;

import org.longlora4j.core.recipe.TrainingOptions;

/**
 * The learning rate of every step, as transformers' schedules of the same names have it.
 *
 * @param options peak rate, schedule, warm-up and length
 */
record LearningRate(TrainingOptions options) {
  /**
   * The rate of a step.
   *
   * @param step from 1
   */
  double at(int step) {
    double done = step - 1.0; // transformers counts the steps taken before
    double peak = options.learningRate();
    if (done < options.warmupSteps()) {
      return peak * done / options.warmupSteps();
    }
    double left = Math.max(1, options.steps() - options.warmupSteps());
    double progress = Math.min(1, (done - options.warmupSteps()) / left);
    return switch (options.schedule()) {
      case CONSTANT, CONSTANT_WITH_WARMUP -> peak;
      case LINEAR -> peak * (1 - progress);
      case COSINE -> peak * 0.5 * (1 + Math.cos(Math.PI * progress));
    };
  }
}
