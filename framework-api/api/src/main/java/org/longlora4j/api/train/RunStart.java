package org.longlora4j.api.train;

import java.nio.file.Path;

/**
 * What is known when a run starts.
 *
 * @param output the run directory
 * @param firstStep the step to be taken first, from 1; later when a run is resumed
 * @param steps the last step
 * @param tokensPerStep tokens that one step goes through
 * @param trainableParameters how many numbers train
 * @param totalParameters how many numbers the model has, trained ones included
 */
public record RunStart(
    Path output,
    int firstStep,
    int steps,
    long tokensPerStep,
    long trainableParameters,
    long totalParameters) {}
