package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.ByteBuffer;
import org.longlora4j.api.tensor.Kernels;

/** One scale for each block of a weight: the largest magnitude in it. */
sealed interface BlockScales {
  /**
   * Reads scales on the CPU.
   *
   * @param from the first block
   * @param to the block after the last
   * @return float32 scales of the blocks in between
   */
  float[] read(int from, int to);

  /**
   * All scales as a float32 tensor on the device where they are stored.
   *
   * @param scope owns what has to be computed
   * @return shape (blocks), not to be closed
   */
  NDArray tensor(Kernels kernels, NDManager scope);

  /**
   * Scales as they are.
   *
   * @param absmax float32, shape (blocks)
   */
  record Plain(NDArray absmax) implements BlockScales {
    @Override
    public float[] read(int from, int to) {
      float[] scales = new float[to - from];
      Memory.of(absmax, absmax.size() * Float.BYTES).asFloatBuffer().get(from, scales);
      return scales;
    }

    @Override
    public NDArray tensor(Kernels kernels, NDManager scope) {
      return absmax;
    }
  }

  /**
   * Scales quantized in their turn, after their mean was taken away: QLoRA, section 3, "Double
   * Quantization".
   *
   * @param codes uint8, shape (blocks), indices into {@link DynamicMap}
   * @param absmax float32, shape (blocks / 256, rounded up): the scales of the codes
   * @param offset the mean
   */
  record Nested(NDArray codes, NDArray absmax, float offset) implements BlockScales {
    static final int BLOCK_SIZE = 256;

    @Override
    public float[] read(int from, int to) {
      ByteBuffer code = Memory.of(codes, codes.size());
      ByteBuffer scale = Memory.of(absmax, absmax.size() * Float.BYTES);
      float[] scales = new float[to - from];
      for (int block = from; block < to; block++) {
        float product =
            DynamicMap.level(code.get(block) & 0xff)
                * scale.getFloat(block / BLOCK_SIZE * Float.BYTES);
        scales[block - from] = product + offset;
      }
      return scales;
    }

    @Override
    public NDArray tensor(Kernels kernels, NDManager scope) {
      NDArray levels = scope.create(DynamicMap.levels());
      return kernels.call(scope, "nested_scales", codes, absmax, levels, offset);
    }
  }
}
