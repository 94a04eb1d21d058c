package org.longlora4j.plugin.qlora;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.quantization.StoredWeights;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorSource;

/**
 * The weights of a checkpoint in four bits, in bitsandbytes' tensors.
 *
 * @param codebook the checkpoint's; each weight says its own
 * @param expansions expand what is read
 */
record StoredFourBit(FourBitCodebook codebook, Expansions expansions) implements StoredWeights {
  /** Some backends write levels with four decimals. */
  private static final float LEVEL_TOLERANCE = 1e-4f;

  @Override
  public String quantizer() {
    return codebook.id();
  }

  @Override
  public Set<String> tensors(ModelModule module, TensorSource checkpoint, Problems problems) {
    FourBitNames names = FourBitNames.of(module);
    Optional<FourBitCodebook> stored = codebookOf(names, checkpoint);
    if (stored.isEmpty()) {
      return Set.of();
    }
    Set<String> tensors = new LinkedHashSet<>();
    tensors.add(names.quantState(stored.get()));
    Check check = new Check(checkpoint, problems, tensors);
    try {
      QuantState state = state(names, stored.get(), checkpoint);
      if (!state.shape().equals(module.weight())) {
        problems.report(
            names.weight(),
            "was of the shape %s, must have been of %s".formatted(state.shape(), module.weight()));
      } else {
        check.all(names, state);
        check.levels(names.quantMap(), stored.get().levels());
        if (state.nestedOffset().isPresent()) {
          check.levels(names.nestedQuantMap(), DynamicMap.levels());
        }
      }
    } catch (IllegalArgumentException e) {
      problems.report(names.quantState(stored.get()), e.getMessage());
    }
    return tensors;
  }

  private static Optional<FourBitCodebook> codebookOf(FourBitNames names, TensorSource checkpoint) {
    return Arrays.stream(FourBitCodebook.values())
        .filter(codebook -> checkpoint.entries().containsKey(names.quantState(codebook)))
        .findFirst();
  }

  private static QuantState state(
      FourBitNames names, FourBitCodebook codebook, TensorSource checkpoint) {
    ByteBuffer bytes = checkpoint.bytes(names.quantState(codebook));
    return QuantState.parse(UTF_8.decode(bytes).toString());
  }

  @Override
  public FourBitWeight read(ModelModule module, TensorSource checkpoint, NDManager owner) {
    FourBitNames names = FourBitNames.of(module);
    FourBitCodebook stored = codebookOf(names, checkpoint).orElseThrow();
    QuantState state = state(names, stored, checkpoint);
    Shape blocks = new Shape(FourBitWeight.blocks(state.shape(), state.blockSize()));
    BlockScales scales =
        state.nestedOffset().isPresent()
            ? new BlockScales.Nested(
                Memory.read(checkpoint, names.absmax(), blocks, DataType.UINT8, owner),
                Memory.read(
                    checkpoint,
                    names.nestedAbsmax(),
                    new Shape(FourBitWeight.blocks(blocks, BlockScales.Nested.BLOCK_SIZE)),
                    DataType.FLOAT32,
                    owner),
                (float) state.nestedOffset().getAsDouble())
            : new BlockScales.Plain(
                Memory.read(checkpoint, names.absmax(), blocks, DataType.FLOAT32, owner));
    Shape packed = new Shape(FourBitWeight.blocks(state.shape(), 2), 1);
    return new FourBitWeight(
        stored,
        state.shape(),
        state.blockSize(),
        Memory.read(checkpoint, names.weight(), packed, DataType.UINT8, owner),
        scales,
        expansions.fourBit(owner.getDevice()));
  }

  /** Compares tensors with what they must be. */
  private record Check(TensorSource checkpoint, Problems problems, Set<String> tensors) {
    void all(FourBitNames names, QuantState state) {
      // The codes may lie in elements of any type, as bnb_4bit_quant_storage chooses.
      bytes(names.weight(), FourBitWeight.blocks(state.shape(), 2));
      int blocks = FourBitWeight.blocks(state.shape(), state.blockSize());
      if (state.nestedOffset().isEmpty()) {
        vector(names.absmax(), ElementType.F32, blocks);
        return;
      }
      int nested = FourBitWeight.blocks(new Shape(blocks), BlockScales.Nested.BLOCK_SIZE);
      vector(names.absmax(), ElementType.U8, blocks);
      vector(names.nestedAbsmax(), ElementType.F32, nested);
    }

    private void bytes(String name, long bytes) {
      tensors.add(name);
      TensorEntry entry = checkpoint.entries().get(name);
      if (entry == null || entry.bytes() != bytes) {
        problems.report(
            name,
            entry == null
                ? "is missing, must hold %d bytes of codes".formatted(bytes)
                : "holds %d bytes of codes, must hold %d".formatted(entry.bytes(), bytes));
      }
    }

    private void vector(String name, ElementType type, long size) {
      tensors.add(name);
      TensorEntry entry = checkpoint.entries().get(name);
      if (entry == null || entry.type() != type || entry.shape().size() != size) {
        String found = entry == null ? "missing" : entry.type() + " " + entry.shape();
        problems.report(name, "is %s, must be %s (%d)".formatted(found, type, size));
      }
    }

    /** What a code stands for follows from the type; a file that says otherwise is another's. */
    void levels(String name, float[] levels) {
      vector(name, ElementType.F32, levels.length);
      TensorEntry entry = checkpoint.entries().get(name);
      if (entry == null || entry.bytes() != (long) levels.length * Float.BYTES) {
        return;
      }
      ByteBuffer found = checkpoint.bytes(name);
      for (float level : levels) {
        if (!(Math.abs(found.getFloat() - level) <= LEVEL_TOLERANCE)) {
          problems.report(name, "holds other levels than its type has");
          return;
        }
      }
    }
  }
}
