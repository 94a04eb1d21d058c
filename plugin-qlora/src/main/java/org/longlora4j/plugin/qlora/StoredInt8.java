package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashSet;
import java.util.Set;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.quantization.StoredWeights;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorSource;

/**
 * The weights of a checkpoint in eight bits, in bitsandbytes' tensors.
 *
 * @param expansions expand what is read
 */
record StoredInt8(Expansions expansions) implements StoredWeights {
  @Override
  public String quantizer() {
    return "int8";
  }

  @Override
  public Set<String> tensors(ModelModule module, TensorSource checkpoint, Problems problems) {
    Int8Names names = Int8Names.of(module);
    if (!checkpoint.entries().containsKey(names.scales())) {
      return Set.of();
    }
    Set<String> tensors = new LinkedHashSet<>(Set.of(names.weight(), names.scales()));
    check(checkpoint, names.weight(), new TensorEntry(ElementType.I8, module.weight()), problems);
    Shape rows = module.weight().slice(0, 1);
    check(checkpoint, names.scales(), new TensorEntry(ElementType.F32, rows), problems);
    if (checkpoint.entries().containsKey(names.format())) {
      tensors.add(names.format());
      if (checkpoint.bytes(names.format()).get(0) != 0) {
        problems.report(names.format(), "is not 0: codes must be laid out row by row");
      }
    }
    return tensors;
  }

  private static void check(
      TensorSource checkpoint, String name, TensorEntry wanted, Problems problems) {
    TensorEntry found = checkpoint.entries().get(name);
    if (!wanted.equals(found)) {
      problems.report(
          name,
          "is %s, must be %s %s"
              .formatted(
                  found == null ? "missing" : found.type() + " " + found.shape(),
                  wanted.type(),
                  wanted.shape()));
    }
  }

  @Override
  public Int8Weight read(ModelModule module, TensorSource checkpoint, NDManager owner) {
    Int8Names names = Int8Names.of(module);
    Shape rows = module.weight().slice(0, 1);
    return new Int8Weight(
        Memory.read(checkpoint, names.weight(), module.weight(), DataType.INT8, owner),
        Memory.read(checkpoint, names.scales(), rows, DataType.FLOAT32, owner),
        expansions.int8(owner.getDevice()));
  }
}
