package org.longlora4j.api.train;

/**
 * One optimizer step.
 *
 * @param step from 1
 * @param loss mean cross entropy in nats over all counted tokens of the step
 * @param gradNorm L2 norm of all gradients before clipping
 * @param learningRate the rate the step was taken with
 * @param tokensPerSecond tokens gone through, over the wall time of the step
 * @param peakMemoryBytes largest resident memory of the process so far
 */
public record StepMetrics(
    int step,
    double loss,
    double gradNorm,
    double learningRate,
    double tokensPerSecond,
    long peakMemoryBytes) {}
