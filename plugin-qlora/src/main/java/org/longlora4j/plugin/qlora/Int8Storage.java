package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.quantization.QuantizedStorage;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;

/** Keeps weights in eight bits in bitsandbytes' tensors, which {@link StoredInt8} reads. */
record Int8Storage() implements QuantizedStorage {
  @Override
  public Map<String, Object> config(ElementType computeType) {
    return BitsandbytesConfig.of(Optional.empty(), false, computeType);
  }

  @Override
  public Layout layout(ModelModule module) {
    Int8Names names = Int8Names.of(module);
    Map<String, TensorEntry> tensors = new LinkedHashMap<>();
    tensors.put(names.scales(), new TensorEntry(ElementType.F32, module.weight().slice(0, 1)));
    tensors.put(names.weight(), new TensorEntry(ElementType.I8, module.weight()));
    tensors.put(names.format(), new TensorEntry(ElementType.U8, new Shape()));
    return new Layout(tensors, Set.of());
  }

  @Override
  public Contents contents(
      ModelModule module, QuantizedWeight weight, ElementType original, NDManager owner) {
    Int8Weight stored = (Int8Weight) weight;
    Int8Names names = Int8Names.of(module);
    return new Contents(
        Map.of(
            names.weight(), stored.codes(),
            names.scales(), stored.scales(),
            names.format(), owner.zeros(new Shape(), DataType.UINT8)),
        Map.of());
  }
}
