package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.inject.Inject;
import java.util.Optional;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.quantization.QuantizedStorage;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.tensor.KernelCompiler;

/**
 * Stores the projections of a model in eight bits an element, each row as 127ths of its largest
 * magnitude, as bitsandbytes stores the weights of its 8-bit linear layer.
 *
 * <p><a href="https://arxiv.org/abs/2208.07339">LLM.int8()</a>, section 2, absmax quantization, and
 * section 3.1, vector-wise. Only the weights are quantized here: products are of floats.
 */
public final class Int8Quantizer implements WeightQuantizer {
  private final Expansions expansions;

  /** A quantizer. */
  @Inject
  public Int8Quantizer(KernelCompiler compiler) {
    expansions = new Expansions(compiler);
  }

  @Override
  public boolean quantizes(ModelModule module) {
    return module.kind() == ModelModule.Kind.PROJECTION;
  }

  @Override
  public long storedBytes(ModelModule module) {
    return module.weight().size() + scaleBytes(module);
  }

  @Override
  public long scaleBytes(ModelModule module) {
    return module.weight().get(0) * Float.BYTES;
  }

  @Override
  public Optional<QuantizedStorage> storage() {
    return Optional.of(new Int8Storage());
  }

  /**
   * {@inheritDoc}
   *
   * <p>The work is done on the CPU, whatever device {@code weight} and {@code owner} are on.
   *
   * @throws InvalidInputException if the weight has 2 GiB or more
   */
  @Override
  public Int8Weight quantize(ModelModule module, NDArray weight, NDManager owner) {
    return Memory.onCpu(
        "int8",
        module,
        weight,
        owner,
        (source, scope) -> {
          int columns = Math.toIntExact(source.getShape().get(1));
          NDArray absmax = BlockScaling.absmax(source, columns, scope);
          NDArray codes = BlockScaling.rounded(source, absmax, columns, scope);
          return new Int8Weight(
              Memory.handOver(codes, owner),
              Memory.handOver(absmax, owner),
              expansions.int8(owner.getDevice()));
        });
  }
}
