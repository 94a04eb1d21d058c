package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.tensor.Precision;

/**
 * What a model becomes when it is loaded.
 *
 * @param plan which parameters train, and what wraps a frozen projection
 * @param quantizer how frozen weights are stored that the checkpoint has as floats
 * @param rotary the rotary embedding, with the scaling to be used
 * @param precision the number format of frozen weights and activations
 * @param saved values for the parameters that train; drawn or read from the checkpoint if absent
 * @param seed decides what is drawn
 * @param training whether gradients will be wanted
 */
public record Composition(
    AdapterPlan plan,
    WeightQuantizer quantizer,
    RotaryEmbedding rotary,
    Precision precision,
    Optional<SavedParameters> saved,
    long seed,
    boolean training) {

  /** Values of trained parameters from an adapter on disk. */
  @FunctionalInterface
  public interface SavedParameters {
    /**
     * Reads one parameter.
     *
     * @param name as {@link TrainedParameters} has it
     * @param shape what it must have
     * @param owner who closes the result
     * @return float32
     */
    NDArray read(String name, Shape shape, NDManager owner);
  }

  /** A checkpoint as it stands: all frozen, nothing quantized, for evaluation. */
  public static Composition asItStands(ModelConfig config, Precision precision) {
    return new Composition(
        new AdapterPlan(Map.of(), Set.of(), Optional.empty()),
        new Unquantized(),
        config.rotary(),
        precision,
        Optional.empty(),
        0,
        false);
  }

  /** Whether the head stays as it was while the embeddings that it was tied to are trained. */
  public boolean unties(ModelConfig config) {
    return config.tied()
        && plan.config().isPresent()
        && plan.trained().contains(config.names().embeddings());
  }

  /** Whether the weight of a module is stored quantized. */
  public boolean quantizes(ModelModule module) {
    return quantizes(quantizer, plan, module);
  }

  /**
   * Whether the weight of a module is stored quantized: if it is a projection, stays frozen, and
   * the quantizer takes it. Nothing else is a quantizer asked about.
   */
  public static boolean quantizes(WeightQuantizer quantizer, AdapterPlan plan, ModelModule module) {
    return module.kind() == ModelModule.Kind.PROJECTION
        && !plan.trained().contains(module.name())
        && quantizer.quantizes(module);
  }

  /** The quantizer that leaves every weight as it is. */
  public static final class Unquantized implements WeightQuantizer {
    @Override
    public boolean quantizes(ModelModule module) {
      return false;
    }

    @Override
    public QuantizedWeight quantize(ModelModule module, NDArray weight, NDManager owner) {
      throw new UnsupportedOperationException("nothing is quantized");
    }

    @Override
    public long storedBytes(ModelModule module) {
      throw new UnsupportedOperationException("nothing is quantized");
    }
  }
}
