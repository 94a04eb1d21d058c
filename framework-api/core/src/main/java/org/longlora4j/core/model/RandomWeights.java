package org.longlora4j.core.model;

import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ModelModule.Kind;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.tensor.HalfPrecision;

/**
 * The weights of a model before any training, as if they stood in a file: normal numbers of
 * config.json's {@code initializer_range} for matrices, ones for norms, zeros for biases, as
 * transformers draws them.
 *
 * <p>They have the number format that config.json names as {@code dtype}, or {@code torch_dtype} in
 * its older spelling: bfloat16, else float32.
 *
 * <p>Nothing is stored. A number depends on the seed, the tensor's name and its place alone, so
 * that any part of a tensor can be asked for, again and again.
 */
final class RandomWeights implements TensorFile {
  private static final int BLOCK = 1 << 14; // elements drawn from one seed

  private final ElementType type;
  private final long seed;
  private final double deviation;
  private final Map<String, TensorEntry> entries = new LinkedHashMap<>();
  private final Map<String, Float> constants = new LinkedHashMap<>(); // what is no matrix

  RandomWeights(List<ModelModule> modules, ElementType type, double deviation, long seed) {
    this.type = type;
    this.seed = seed;
    this.deviation = deviation;
    for (ModelModule module : modules) {
      add(module.name() + ".weight", module.weight(), module.kind() == Kind.NORM ? 1 : 0);
      if (module.bias()) {
        add(module.name() + ".bias", module.weight().slice(0, 1), 0);
      }
    }
  }

  private void add(String name, Shape shape, float constant) {
    entries.put(name, new TensorEntry(type, shape));
    constants.put(name, constant);
  }

  @Override
  public Path path() {
    return Path.of("model.safetensors"); // where a checkpoint made of these weights keeps them
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  public Map<String, TensorEntry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  @Override
  public ByteBuffer bytes(String name, long offset, int length) {
    TensorEntry entry = entries.get(name);
    Objects.checkFromIndexSize(offset, length, entry.bytes());
    int size = type.bytes();
    if (offset % size != 0 || length % size != 0) {
      throw new IllegalArgumentException("a part of a number cannot be asked for");
    }
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    long end = (offset + length) / size;
    for (long element = offset / size; element < end; ) {
      long block = element / BLOCK;
      long blockEnd = Math.min(end, (block + 1) * BLOCK);
      put(bytes, name, block, (int) (element % BLOCK), (int) (blockEnd - element));
      element = blockEnd;
    }
    return bytes.flip();
  }

  private void put(ByteBuffer bytes, String name, long block, int skipped, int count) {
    boolean drawn = entries.get(name).shape().dimension() > 1;
    float constant = constants.get(name);
    SplittableRandom random =
        new SplittableRandom((seed * 0x9E3779B97F4A7C15L + name.hashCode()) ^ (block << 32));
    for (int i = 0; i < skipped + count; i++) {
      float value = drawn ? (float) (random.nextGaussian() * deviation) : constant;
      if (i >= skipped) {
        put(bytes, value);
      }
    }
  }

  private void put(ByteBuffer bytes, float value) {
    if (type == ElementType.BF16) {
      bytes.putShort(HalfPrecision.toBfloat16(value));
    } else {
      bytes.putFloat(value);
    }
  }

  @Override
  public void close() {
    // there is nothing behind it
  }
}
