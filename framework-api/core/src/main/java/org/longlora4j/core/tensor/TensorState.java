package org.longlora4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;

/** Saves named tensors bit by bit, and puts them back into the tensors that they came from. */
public final class TensorState {
  private final TensorReader reader;
  private final TensorWriter writer;
  private final Kernels kernels;

  /** Compiles the kernels that reading and writing need. */
  public TensorState(KernelCompiler compiler) {
    reader = new TensorReader(compiler);
    writer = new TensorWriter(compiler);
    kernels = compiler.compile(TensorReader.class, "transfer.py");
  }

  /**
   * Writes tensors in the number format that they have.
   *
   * @param file where the file will appear
   * @param tensors float32, or integers of 8, 32 or 64 bits
   * @throws IOException if the disk does not take them
   */
  public void save(Path file, Map<String, NDArray> tensors) throws IOException {
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) ->
            entries.put(name, new TensorEntry(TensorWriter.typeOf(tensor), tensor.getShape())));
    try (SafetensorsWriter out = new SafetensorsWriter(file, Map.of(), entries)) {
      for (Map.Entry<String, NDArray> tensor : tensors.entrySet()) {
        out.begin(tensor.getKey());
        writer.write(tensor.getValue(), entries.get(tensor.getKey()).type(), out);
      }
      out.commit();
    }
  }

  /**
   * Overwrites tensors with what was saved of them.
   *
   * @param file written by {@link #save}
   * @param tensors of the names, shapes and number formats that were saved
   * @throws InvalidInputException if the file holds other tensors than these
   */
  public void restore(Path file, Map<String, NDArray> tensors) {
    try (TensorFile saved = SafetensorsFile.openUnmapped(file)) {
      tensors.forEach((name, tensor) -> check(saved, name, tensor));
      if (saved.entries().size() != tensors.size()) {
        throw new InvalidInputException(
            file + " holds tensors that this run does not have: it is another run's.");
      }
      tensors.forEach((name, tensor) -> restore(saved, name, tensor));
    }
  }

  private static void check(TensorFile saved, String name, NDArray tensor) {
    TensorEntry expected = new TensorEntry(TensorWriter.typeOf(tensor), tensor.getShape());
    TensorEntry found = saved.entries().get(name);
    if (!expected.equals(found)) {
      throw new InvalidInputException(
          "%s: tensor %s is %s, must be %s: it is another run's."
              .formatted(
                  saved.path(),
                  name,
                  found == null ? "missing" : describe(found),
                  describe(expected)));
    }
  }

  private static String describe(TensorEntry entry) {
    return entry.type() + " " + entry.shape();
  }

  private void restore(TensorFile saved, String name, NDArray tensor) {
    if (saved.entries().get(name).type() == ElementType.F32) {
      try (NDManager scope = tensor.getManager().newSubManager()) {
        NDArray values = reader.read(saved, name, Precision.FLOAT32, scope);
        Autograd.silent(() -> kernels.call(scope, "put", tensor, 0, values, values.size()));
      }
    } else {
      ByteBuffer bytes = saved.bytes(name);
      ByteBuffer copy = ByteBuffer.allocateDirect(bytes.remaining()).order(ByteOrder.nativeOrder());
      tensor.set(copy.put(bytes).flip());
    }
  }
}
