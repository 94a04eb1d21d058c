package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.quantization.QuantizedStorage;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;

/**
 * Keeps weights in four bits in bitsandbytes' tensors, which {@link StoredFourBit} reads.
 *
 * @param codebook what a code stands for
 * @param options as they were quantized
 */
record FourBitStorage(FourBitCodebook codebook, FourBitOptions options)
    implements QuantizedStorage {
  @Override
  public Map<String, Object> config(ElementType computeType) {
    return BitsandbytesConfig.of(Optional.of(codebook), options.doubleQuantization(), computeType);
  }

  @Override
  public Layout layout(ModelModule module) {
    FourBitNames names = FourBitNames.of(module);
    int blocks = FourBitWeight.blocks(module.weight(), options.blockSize());
    Map<String, TensorEntry> tensors = new LinkedHashMap<>();
    tensors.put(
        names.weight(),
        new TensorEntry(ElementType.U8, new Shape(FourBitWeight.blocks(module.weight(), 2), 1)));
    if (options.doubleQuantization()) {
      int nested = FourBitWeight.blocks(new Shape(blocks), BlockScales.Nested.BLOCK_SIZE);
      tensors.put(names.absmax(), new TensorEntry(ElementType.U8, new Shape(blocks)));
      tensors.put(names.nestedAbsmax(), new TensorEntry(ElementType.F32, new Shape(nested)));
      tensors.put(
          names.nestedQuantMap(),
          new TensorEntry(ElementType.F32, new Shape(DynamicMap.levels().length)));
    } else {
      tensors.put(names.absmax(), new TensorEntry(ElementType.F32, new Shape(blocks)));
    }
    tensors.put(
        names.quantMap(), new TensorEntry(ElementType.F32, new Shape(codebook.levels().length)));
    return new Layout(tensors, Set.of(names.quantState(codebook)));
  }

  @Override
  public Contents contents(
      ModelModule module, QuantizedWeight weight, ElementType original, NDManager owner) {
    FourBitWeight stored = (FourBitWeight) weight;
    FourBitNames names = FourBitNames.of(module);
    Map<String, NDArray> tensors = new HashMap<>();
    tensors.put(names.weight(), stored.packed());
    tensors.put(names.quantMap(), owner.create(codebook.levels()));
    OptionalDouble offset = OptionalDouble.empty();
    if (stored.scales() instanceof BlockScales.Nested nested) {
      tensors.put(names.absmax(), nested.codes());
      tensors.put(names.nestedAbsmax(), nested.absmax());
      tensors.put(names.nestedQuantMap(), owner.create(DynamicMap.levels()));
      offset = OptionalDouble.of(nested.offset());
    } else if (stored.scales() instanceof BlockScales.Plain plain) {
      tensors.put(names.absmax(), plain.absmax());
    }
    QuantState state =
        new QuantState(
            codebook.id(),
            stored.blockSize(),
            BitsandbytesConfig.dtype(original),
            stored.shape(),
            offset);
    return new Contents(tensors, Map.of(names.quantState(codebook), state.toJson()));
  }
}
