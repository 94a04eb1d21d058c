package org.longlora4j.core.checkpoint;

import static java.nio.charset.StandardCharsets.US_ASCII;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.quantization.QuantizedStorage;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.plugin.Choice;
import org.longlora4j.core.tensor.SafetensorsWriter;
import org.longlora4j.core.tensor.TensorWriter;

/** How an exported checkpoint keeps the weights of its projections. */
public sealed interface WeightStorage {
  /** As floating-point numbers. */
  record Dense() implements WeightStorage {
    @Override
    public void describe(ObjectNode config, ElementType type) {
      config.remove(ModelConfig.QUANTIZATION);
    }
  }

  /**
   * Quantized.
   *
   * @param quantizer makes the weights
   * @param storage lays them out in files
   */
  record Quantized(WeightQuantizer quantizer, QuantizedStorage storage) implements WeightStorage {
    @Override
    public void describe(ObjectNode config, ElementType type) {
      config.putPOJO(ModelConfig.QUANTIZATION, storage.config(type));
    }

    /** Whether a module's weight is quantized. */
    boolean quantizes(ModelModule module) {
      return module.kind() == ModelModule.Kind.PROJECTION && quantizer.quantizes(module);
    }

    /** Quantizes one weight, float32, and writes it. */
    void write(
        ModelModule module,
        NDArray weight,
        ElementType original,
        SafetensorsWriter file,
        NDManager scope)
        throws IOException {
      QuantizedWeight quantized = quantizer.quantize(module, weight, scope);
      QuantizedStorage.Contents contents = storage.contents(module, quantized, original, scope);
      for (Map.Entry<String, NDArray> tensor : contents.tensors().entrySet()) {
        file.begin(tensor.getKey());
        TensorWriter.writeBytes(tensor.getValue(), file);
      }
      contents.texts().forEach((name, text) -> file.text(name, text.getBytes(US_ASCII)));
    }
  }

  /**
   * The storage of a quantizer.
   *
   * @param choice names it, for messages
   * @param quantizer built
   * @throws InvalidInputException if its weights exist in memory only
   */
  static Quantized of(Choice<WeightQuantizer> choice, WeightQuantizer quantizer) {
    return new Quantized(
        quantizer,
        quantizer
            .storage()
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "the quantizer '%s' writes no checkpoints; name another."
                            .formatted(choice.name()))));
  }

  /**
   * Says in a config.json how the weights are kept.
   *
   * @param config changed
   * @param type the number format of what is not quantized
   */
  void describe(ObjectNode config, ElementType type);
}
