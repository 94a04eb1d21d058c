package org.longlora4j.plugin.qlora;

import static org.longlora4j.plugin.qlora.BlockwiseAdamW.ABSMAX;
import static org.longlora4j.plugin.qlora.BlockwiseAdamW.BLOCK_SIZE;
import static org.longlora4j.plugin.qlora.BlockwiseAdamW.EXP_AVG;
import static org.longlora4j.plugin.qlora.BlockwiseAdamW.EXP_AVG_SQ;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Map;

/** Steps of AdamW on the CPU, on the tensors' own memory, blocks shared out among the cores. */
final class MemoryUpdate {
  private MemoryUpdate() {}

  /** With moments in 8 bits. */
  static void eightBit(
      NDArray parameter, NDArray gradient, Map<String, NDArray> state, AdamWStep step) {
    int size = Math.toIntExact(parameter.size());
    FloatBuffer parameters = floats(parameter);
    FloatBuffer gradients = floats(gradient);
    Moment first = Moment.of(state, EXP_AVG, MomentCodes.SIGNED);
    Moment second = Moment.of(state, EXP_AVG_SQ, MomentCodes.UNSIGNED);
    forEachBlock(
        size,
        (index, count, block) -> {
          block.read(parameters, gradients, index, count);
          first.read(index, count, block.codes, block.first);
          second.read(index, count, block.codes, block.second);
          step.apply(block.parameters, block.gradients, block.first, block.second, count);
          parameters.put(index * BLOCK_SIZE, block.parameters, 0, count);
          first.write(index, count, block.codes, block.first);
          second.write(index, count, block.codes, block.second);
        });
  }

  /** With moments in float32. */
  static void plain(
      NDArray parameter, NDArray gradient, Map<String, NDArray> state, AdamWStep step) {
    FloatBuffer parameters = floats(parameter);
    FloatBuffer gradients = floats(gradient);
    FloatBuffer first = floats(state.get(EXP_AVG));
    FloatBuffer second = floats(state.get(EXP_AVG_SQ));
    forEachBlock(
        Math.toIntExact(parameter.size()),
        (index, count, block) -> {
          int start = index * BLOCK_SIZE;
          block.read(parameters, gradients, index, count);
          first.get(start, block.first, 0, count);
          second.get(start, block.second, 0, count);
          step.apply(block.parameters, block.gradients, block.first, block.second, count);
          parameters.put(start, block.parameters, 0, count);
          first.put(start, block.first, 0, count);
          second.put(start, block.second, 0, count);
        });
  }

  /** Works on one block; {@code count} is the block size but at the end. */
  @FunctionalInterface
  private interface Work {
    void on(int index, int count, Block block);
  }

  private static void forEachBlock(int size, Work work) {
    BlockRanges.forEach(
        (size + BLOCK_SIZE - 1) / BLOCK_SIZE,
        BLOCK_SIZE,
        (from, to) -> {
          Block block = new Block();
          for (int i = from; i < to; i++) {
            work.on(i, Math.min(BLOCK_SIZE, size - i * BLOCK_SIZE), block);
          }
        });
  }

  /** One block on its way: the JIT drops the checks in loops over arrays. */
  private static final class Block {
    private final float[] parameters = new float[BLOCK_SIZE];
    private final float[] gradients = new float[BLOCK_SIZE];
    private final float[] first = new float[BLOCK_SIZE];
    private final float[] second = new float[BLOCK_SIZE];
    private final byte[] codes = new byte[BLOCK_SIZE];

    void read(FloatBuffer fromParameters, FloatBuffer fromGradients, int index, int count) {
      fromParameters.get(index * BLOCK_SIZE, parameters, 0, count);
      fromGradients.get(index * BLOCK_SIZE, gradients, 0, count);
    }
  }

  /** The memory of one moment in 8 bits. */
  private record Moment(ByteBuffer codes, FloatBuffer absmax, MomentCodes format) {
    static Moment of(Map<String, NDArray> state, String name, MomentCodes format) {
      NDArray codes = state.get(name);
      return new Moment(Memory.of(codes, codes.size()), floats(state.get(name + ABSMAX)), format);
    }

    void read(int index, int count, byte[] block, float[] values) {
      codes.get(index * BLOCK_SIZE, block, 0, count);
      format.decode(block, absmax.get(index), values, count);
    }

    void write(int index, int count, byte[] block, float[] values) {
      absmax.put(index, format.encode(values, block, count));
      codes.put(index * BLOCK_SIZE, block, 0, count);
    }
  }

  private static FloatBuffer floats(NDArray tensor) {
    return Memory.of(tensor, tensor.size() * Float.BYTES).asFloatBuffer();
  }
}
