package org.longlora4j.api.train;

/**
 * A measurement on rows that are not trained on.
 *
 * @param step the step after which it was made
 * @param loss mean cross entropy in nats over all counted tokens, with dense attention
 */
public record Evaluation(int step, double loss) {}
