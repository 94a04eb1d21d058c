package org.longlora4j.core.plan;

/**
 * The memory of a training run by part, in bytes.
 *
 * @param frozenWeights weights and biases that do not train, in the session's precision (norms in
 *     float32) or as a quantizer stores them, without its scales
 * @param scales what quantized weights store beside their codes
 * @param readBackBuffers what quantized weights are read back into: one buffer for each role, which
 *     all layers share
 * @param trainedParameters float32
 * @param gradients float32, as many
 * @param optimizerState the moments, or what else the optimizer keeps
 * @param rotaryTables cosines and sines of every position
 * @param layerInputs what is kept of every layer until the backward pass comes to it: its input,
 *     and what attention gave, all but what lies in its MLP, or all its activations where they are
 *     kept too
 * @param workingSet what one layer takes beyond that in its backward pass: what runs again, and
 *     gradients
 * @param logitsChunk the logits of some positions with their gradients, and what the loss holds of
 *     the last layer
 * @param update temporaries of the optimizer, and of the gradient of trained embeddings
 * @param process the JVM and PyTorch's libraries, before any tensor
 */
public record MemoryPlan(
    long frozenWeights,
    long scales,
    long readBackBuffers,
    long trainedParameters,
    long gradients,
    long optimizerState,
    long rotaryTables,
    long layerInputs,
    long workingSet,
    long logitsChunk,
    long update,
    long process) {

  /** What lives as long as the run. */
  public long lasting() {
    return frozenWeights
        + scales
        + readBackBuffers
        + trainedParameters
        + gradients
        + optimizerState
        + rotaryTables
        + process;
  }

  /**
   * The most that is held at once. A layer's backward pass, the loss and the optimizer's update
   * follow one another: the largest of the three counts.
   */
  public long peak() {
    long backward = layerInputs + Math.max(workingSet, logitsChunk);
    return lasting() + Math.max(backward, update);
  }
}
