package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.tensor.SafetensorsFile;

/** The float32 tensors of a safetensors file, for comparison. */
final class Tensors {
  private Tensors() {}

  static Map<String, float[]> in(Path file) {
    try (TensorFile tensors = SafetensorsFile.open(file)) {
      Map<String, float[]> values = new TreeMap<>();
      for (Map.Entry<String, TensorEntry> entry : tensors.entries().entrySet()) {
        ByteBuffer bytes = tensors.bytes(entry.getKey());
        if (entry.getValue().type().name().equals("F32")) {
          float[] floats = new float[bytes.remaining() / Float.BYTES];
          bytes.asFloatBuffer().get(floats);
          values.put(entry.getKey(), floats);
        }
      }
      return values;
    }
  }

  /** max|a − b| / max|b| within each tensor, for all that are expected. */
  static void assertClose(
      Map<String, float[]> actual, Map<String, float[]> expected, double tolerance) {
    assertThat(actual).containsOnlyKeys(expected.keySet());
    expected.forEach(
        (name, reference) -> {
          float[] values = actual.get(name);
          assertThat(values).as(name).hasSameSizeAs(reference);
          double difference = 0;
          double magnitude = 0;
          for (int i = 0; i < values.length; i++) {
            difference = Math.max(difference, Math.abs((double) values[i] - reference[i]));
            magnitude = Math.max(magnitude, Math.abs(reference[i]));
          }
          assertThat(difference).as(name).isLessThanOrEqualTo(tolerance * magnitude);
        });
  }
}
