package org.longlora4j.plugin.qlora;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.TensorReader;

/** The tensors of one case of nf4.safetensors. */
record Golden(String name, SafetensorsFile file, TensorReader reader, NDManager owner) {
  private static final Pattern OFFSET = Pattern.compile("\"nested_offset\": ([0-9.]+)");

  static SafetensorsFile open() {
    return open("nf4.safetensors");
  }

  static SafetensorsFile open(String file) {
    try {
      return SafetensorsFile.open(Path.of(Golden.class.getResource("/golden/" + file).toURI()));
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  boolean isNested() {
    return file.entries().containsKey(name + ".nested_absmax");
  }

  NDArray floats(String part) {
    return reader.read(file, name + "." + part, Precision.FLOAT32, owner);
  }

  byte[] bytes(String part) {
    return copy(file.bytes(name + "." + part));
  }

  static byte[] copy(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return copy;
  }

  NDArray unsigned(String part) {
    Shape shape = file.entries().get(name + "." + part).shape();
    return owner.create(ByteBuffer.wrap(bytes(part)), shape, DataType.UINT8);
  }

  float nestedOffset() {
    Matcher matcher = OFFSET.matcher(new String(bytes("quant_state.bitsandbytes__nf4"), UTF_8));
    if (!matcher.find()) {
      throw new AssertionError(name + " has no nested_offset");
    }
    return Float.parseFloat(matcher.group(1));
  }

  /** The weight in the reference's own stored form. */
  FourBitWeight stored(Expansion<FourBitWeight> expansion) {
    BlockScales scales =
        isNested()
            ? new BlockScales.Nested(unsigned("absmax"), floats("nested_absmax"), nestedOffset())
            : new BlockScales.Plain(floats("absmax"));
    return new FourBitWeight(
        FourBitCodebook.NF4,
        file.entries().get(name + ".weight").shape(),
        64,
        unsigned("packed"),
        scales,
        expansion);
  }
}
