package org.longlora4j.core.recipe;

import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.core.plugin.Choice;

/**
 * The {@code evaluation} section of a recipe: the held-out loss, with dense attention.
 *
 * @param every steps from one evaluation to the next
 * @param data where the held-out documents come from
 * @param rows how many rows of {@code context} tokens are evaluated
 */
public record EvaluationOptions(
    @Option(value = "Steps from one evaluation to the next", min = 1) int every,
    @Option("Where the held-out documents come from") Choice<DocumentSource> data,
    @Option(value = "How many rows of context tokens are evaluated", defaultValue = "16", min = 1)
        int rows) {}
