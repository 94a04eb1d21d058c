package org.longlora4j.api.model;

import static java.util.Objects.requireNonNull;

import java.util.OptionalInt;

/**
 * The sizes of a decoder.
 *
 * @param layers how many layers
 * @param hiddenSize the width between layers
 * @param intermediateSize the width within an MLP
 * @param heads query heads
 * @param keyValueHeads key and value heads, a divisor of {@code heads}
 * @param headDim the size of one head
 * @param rotaryDim how many dimensions of a head, from the first, are rotated; even
 * @param ropeTheta the base of the geometric series of rotary frequencies, where {@code
 *     rope_parameters} does not give it
 * @param vocabularySize rows of the embeddings
 * @param maxPositions {@code max_position_embeddings}: the context length in tokens
 * @param slidingWindow how many positions back attention reaches, if the checkpoint limits it
 */
public record DecoderShape(
    int layers,
    int hiddenSize,
    int intermediateSize,
    int heads,
    int keyValueHeads,
    int headDim,
    int rotaryDim,
    double ropeTheta,
    int vocabularySize,
    int maxPositions,
    OptionalInt slidingWindow) {
  /** Requires a value for the window. */
  public DecoderShape {
    requireNonNull(slidingWindow, "slidingWindow is null");
  }
}
