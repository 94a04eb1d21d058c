package org.longlora4j.plugin.qlora;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Optional;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.quantization.QuantizedStorage;
import org.longlora4j.api.quantization.WeightQuantizer;

/**
 * Stores the projections of a model in four bits an element, block by block, as bitsandbytes does.
 *
 * <p>QLoRA, sections 2 and 3. Embeddings, norms and the output head keep their precision.
 */
abstract sealed class FourBitQuantizer implements WeightQuantizer
    permits Nf4Quantizer, Fp4Quantizer {
  private final FourBitCodebook codebook;
  private final FourBitOptions options;
  private final Expansions expansions;

  FourBitQuantizer(FourBitCodebook codebook, FourBitOptions options, Expansions expansions) {
    this.codebook = codebook;
    this.options = options;
    this.expansions = expansions;
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

  @Override
  public Optional<QuantizedStorage> storage() {
    return Optional.of(new FourBitStorage(codebook, options));
  }

  /**
   * {@inheritDoc}
   *
   * <p>The work is done on the CPU, whatever device {@code weight} and {@code owner} are on.
   *
   * @throws InvalidInputException if the weight has 2 GiB or more
   */
  @Override
  public FourBitWeight quantize(ModelModule module, NDArray weight, NDManager owner) {
    return Memory.onCpu(
        codebook.id(), module, weight, owner, (source, scope) -> quantize(source, scope, owner));
  }

  private FourBitWeight quantize(NDArray weight, NDManager scope, NDManager owner) {
    int blockSize = options.blockSize();
    NDArray absmax = BlockScaling.absmax(weight, blockSize, scope);
    NDArray packed = BlockScaling.pack(weight, absmax, blockSize, codebook, scope);
    Device device = owner.getDevice();
    return new FourBitWeight(
        codebook,
        weight.getShape(),
        blockSize,
        Memory.handOver(packed, owner),
        options.doubleQuantization()
            ? nested(absmax, scope, owner)
            : new BlockScales.Plain(Memory.handOver(absmax, owner)),
        expansions.fourBit(device));
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
    return new BlockScales.Nested(
        Memory.handOver(codes, owner), Memory.handOver(nestedAbsmax, owner), offset);
  }
}
