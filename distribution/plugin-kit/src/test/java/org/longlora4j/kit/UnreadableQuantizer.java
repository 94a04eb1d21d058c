package org.longlora4j.kit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.quantization.QuantizedStorage;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.tensor.TensorEntry;

/** Keeps weights as they are, under the name of a format that nobody brings. */
public final class UnreadableQuantizer implements WeightQuantizer {
  @Override
  public boolean quantizes(ModelModule module) {
    return true;
  }

  @Override
  public QuantizedWeight quantize(ModelModule module, NDArray weight, NDManager owner) {
    NDArray kept = weight.duplicate();
    kept.attach(owner);
    return new Kept(kept);
  }

  @Override
  public long storedBytes(ModelModule module) {
    return module.weight().size() * Float.BYTES;
  }

  @Override
  public Optional<QuantizedStorage> storage() {
    return Optional.of(new Storage());
  }

  private record Kept(NDArray weight) implements QuantizedWeight {
    @Override
    public Shape shape() {
      return weight.getShape();
    }

    @Override
    public void dequantize(NDArray target, Precision precision) {
      weight.copyTo(target);
    }
  }

  private static final class Storage implements QuantizedStorage {
    @Override
    public Map<String, Object> config(ElementType computeType) {
      return Map.of("quant_method", "Nobodys");
    }

    @Override
    public Layout layout(ModelModule module) {
      TensorEntry entry = new TensorEntry(ElementType.F32, module.weight());
      return new Layout(Map.of(module.name() + ".weight", entry), Set.of());
    }

    @Override
    public Contents contents(
        ModelModule module, QuantizedWeight weight, ElementType original, NDManager owner) {
      return new Contents(Map.of(module.name() + ".weight", ((Kept) weight).weight()), Map.of());
    }
  }
}
