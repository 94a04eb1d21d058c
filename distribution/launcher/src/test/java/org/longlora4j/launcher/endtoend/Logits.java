package org.longlora4j.launcher.endtoend;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.DenseForward;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.tensor.SafetensorsWriter;
import org.longlora4j.core.tensor.TorchServices;

/** Writes what a model predicts, as {@code verify} takes it. */
final class Logits {
  private static final int LENGTH = 200;

  private Logits() {}

  static void of(Path model, Optional<Path> adapter, Path file) throws IOException {
    try (TorchServices services = new TorchServices();
        AdaptedCheckpoint checkpoint =
            AdaptedCheckpoint.open(
                model,
                adapter,
                ExtensionRegistry.onClassPath(Logits.class.getClassLoader()),
                services);
        CausalLanguageModel loaded = checkpoint.load(Precision.FLOAT32);
        DenseForward forward = new DenseForward(loaded, services)) {
      int[][] rows = new int[1][LENGTH];
      Arrays.setAll(rows[0], i -> (i * i + 3) % loaded.config().vocabularySize());
      float[] logits =
          forward.run(
              rows,
              hidden -> {
                try (NDManager scope = hidden.getManager().newSubManager()) {
                  return loaded.logits(loaded.positions(scope, hidden, 0, LENGTH)).toFloatArray();
                }
              });
      write(file, rows[0], logits);
    }
  }

  private static void write(Path file, int[] tokens, float[] logits) throws IOException {
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    entries.put("input_ids", new TensorEntry(ElementType.I64, new Shape(1, tokens.length)));
    entries.put(
        "logits",
        new TensorEntry(
            ElementType.F32, new Shape(1, tokens.length, logits.length / tokens.length)));
    try (SafetensorsWriter writer = new SafetensorsWriter(file, Map.of(), entries)) {
      writer.begin("input_ids");
      ByteBuffer ids = buffer(tokens.length * Long.BYTES);
      Arrays.stream(tokens).forEach(ids::putLong);
      writer.write(ids.flip());
      writer.begin("logits");
      ByteBuffer values = buffer(logits.length * Float.BYTES);
      values.asFloatBuffer().put(logits);
      writer.write(values);
      writer.commit();
    }
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
