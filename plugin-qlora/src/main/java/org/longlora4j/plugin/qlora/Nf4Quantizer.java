package org.longlora4j.plugin.qlora;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.inject.Inject;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.tensor.KernelCompiler;

/**
 * Stores the projections of a model in 4-bit NormalFloat, block by block, as bitsandbytes does.
 *
 * <p>QLoRA, section 3. Embeddings, norms and the output head keep their precision.
 */
public final class Nf4Quantizer implements WeightQuantizer {
  /** What fits into one buffer as float32. */
  private static final long MAX_ELEMENTS = Integer.MAX_VALUE / Float.BYTES;

  private final Nf4Options options;
  private final KernelCompiler compiler;

  /** Quantizes as the options say. */
  @Inject
  public Nf4Quantizer(Nf4Options options, KernelCompiler compiler) {
    this.options = options;
    this.compiler = compiler;
  }

  @Override
  public boolean quantizes(ModelModule module) {
    return module.kind() == ModelModule.Kind.PROJECTION;
  }

  @Override
  public long storedBytes(ModelModule module) {
    return ceilDivide(module.weight().size(), 2) + scaleBytes(module);
  }

  @Override
  public long scaleBytes(ModelModule module) {
    long blocks = ceilDivide(module.weight().size(), options.blockSize());
    return options.doubleQuantization()
        ? blocks + ceilDivide(blocks, BlockScales.Nested.BLOCK_SIZE) * Float.BYTES
        : blocks * Float.BYTES;
  }

  private static long ceilDivide(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }

  /**
   * {@inheritDoc}
   *
   * <p>The work is done on the CPU, whatever device {@code weight} and {@code owner} are on.
   *
   * @throws InvalidInputException if the weight has 2 GiB or more
   */
  @Override
  public QuantizedWeight quantize(ModelModule module, NDArray weight, NDManager owner) {
    if (weight.size() > MAX_ELEMENTS) {
      throw new InvalidInputException(
          "%s has a weight of shape %s, %d elements; nf4 stores at most %d in one weight. Use"
                  .formatted(module.name(), weight.getShape(), weight.size(), MAX_ELEMENTS)
              + " `quantization: none` for this model.");
    }
    try (NDManager scope = owner.newSubManager(Device.cpu())) {
      NDArray source = weight.toDevice(Device.cpu(), false);
      try {
        return quantize(source, scope, owner);
      } finally {
        if (source != weight) {
          source.close();
        }
      }
    }
  }

  private Nf4Weight quantize(NDArray weight, NDManager scope, NDManager owner) {
    NDArray absmax = BlockScaling.absmax(weight, options.blockSize(), scope);
    NDArray packed = BlockScaling.pack(weight, absmax, options.blockSize(), scope);
    return new Nf4Weight(
        weight.getShape(),
        options.blockSize(),
        handOver(packed, owner),
        options.doubleQuantization()
            ? nested(absmax, scope, owner)
            : new BlockScales.Plain(handOver(absmax, owner)),
        expansion(owner.getDevice()));
  }

  private static BlockScales nested(NDArray absmax, NDManager scope, NDManager owner) {
    float offset;
    try (NDArray mean = absmax.mean()) {
      offset = mean.getFloat();
    }
    absmax.subi(offset);
    int blockSize = BlockScales.Nested.BLOCK_SIZE;
    NDArray nestedAbsmax = BlockScaling.absmax(absmax, blockSize, scope);
    NDArray codes = BlockScaling.codes(absmax, nestedAbsmax, blockSize, scope);
    return new BlockScales.Nested(handOver(codes, owner), handOver(nestedAbsmax, owner), offset);
  }

  private static NDArray handOver(NDArray array, NDManager owner) {
    NDArray moved = array.toDevice(owner.getDevice(), false);
    moved.attach(owner);
    return moved;
  }

  private Expansion expansion(Device device) {
    return device.equals(Device.cpu())
        ? new MemoryExpansion()
        : new KernelExpansion(compiler.compile(Nf4Quantizer.class, "nf4.py"));
  }
}
