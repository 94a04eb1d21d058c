package org.longlora4j.core;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.DensePattern;
import org.longlora4j.core.model.ModelLoader;
import org.longlora4j.core.model.PatternAttention;
import org.longlora4j.core.model.RotaryCache;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.SafetensorsWriter;
import org.longlora4j.core.tensor.TensorReader;
import org.longlora4j.core.tensor.TorchServices;

/** The reference values, and what is done with them again and again. */
public final class Golden {
  /** Where they are. */
  public static final Path FOLDER = Path.of("src/test/resources/golden").toAbsolutePath();

  /** One engine and its kernels for all tests of a JVM, which ends them. */
  public static final TorchServices SERVICES = new TorchServices();

  private Golden() {}

  /** A tiny checkpoint. */
  public static Path model(String name) {
    return FOLDER.resolve("models").resolve(name);
  }

  /** What the reference computed of it. */
  public static TensorFile expected(String name) {
    return SafetensorsFile.open(FOLDER.resolve("expected").resolve(name + ".safetensors"));
  }

  /** Integers of shape (rows, length). */
  public static int[][] rows(TensorFile file, String tensor) {
    int[] flat = TensorReader.readIntegers(file, tensor);
    int length = (int) file.entries().get(tensor).shape().get(1);
    int[][] rows = new int[flat.length / length][];
    Arrays.setAll(rows, i -> Arrays.copyOfRange(flat, i * length, (i + 1) * length));
    return rows;
  }

  /** The token rows of a checkpoint's expected values. */
  public static int[][] tokens(String name) {
    try (TensorFile file = expected(name)) {
      return rows(file, "input_ids");
    }
  }

  /** max|a − b| / max|b|. */
  public static double relative(NDArray actual, NDArray expected) {
    try (NDArray difference = actual.sub(expected).abs();
        NDArray magnitude = expected.abs()) {
      return difference.max().getFloat() / magnitude.max().getFloat();
    }
  }

  /** A checkpoint as it stands, for evaluation. */
  public static CausalLanguageModel frozen(Path directory, Precision precision) {
    return load(directory, c -> Composition.asItStands(c.config(), precision));
  }

  /** A checkpoint of which all modules train. */
  public static CausalLanguageModel full(Path directory, Precision precision) {
    return load(directory, c -> training(c, precision, all(c)));
  }

  /** A checkpoint of which some modules train. */
  public static CausalLanguageModel partial(
      Path directory, Precision precision, Set<String> trained) {
    return load(directory, c -> training(c, precision, trained));
  }

  private static Set<String> all(Checkpoint checkpoint) {
    return checkpoint.modules().stream().map(ModelModule::name).collect(Collectors.toSet());
  }

  private static Composition training(
      Checkpoint checkpoint, Precision precision, Set<String> trained) {
    Composition frozen = Composition.asItStands(checkpoint.config(), precision);
    return new Composition(
        new AdapterPlan(Map.of(), trained, Optional.empty()),
        frozen.quantizer(),
        frozen.rotary(),
        precision,
        Optional.empty(),
        0,
        true);
  }

  private static CausalLanguageModel load(
      Path directory, Function<Checkpoint, Composition> composition) {
    try (Checkpoint checkpoint = Checkpoint.open(directory)) {
      return new ModelLoader(SERVICES).load(checkpoint, composition.apply(checkpoint));
    }
  }

  /** Dense attention over rows of documents. */
  public static PatternAttention dense(
      CausalLanguageModel model, RotaryCache rotary, int length, int[]... documents) {
    return new PatternAttention(
        SERVICES,
        model.config(),
        rotary,
        new DensePattern(SERVICES.causalAttention()),
        length,
        length,
        documents);
  }

  /**
   * Writes a safetensors file.
   *
   * @param zeros tensors that are all zeros
   * @param content gives the bytes of the others
   */
  public static void write(
      Path file,
      Map<String, TensorEntry> entries,
      Map<String, TensorEntry> zeros,
      Function<String, ByteBuffer> content)
      throws IOException {
    Map<String, TensorEntry> all = new LinkedHashMap<>(entries);
    all.putAll(zeros);
    try (SafetensorsWriter out = new SafetensorsWriter(file, Map.of("format", "pt"), all)) {
      for (Map.Entry<String, TensorEntry> entry : all.entrySet()) {
        String name = entry.getKey();
        out.begin(name);
        out.write(
            zeros.containsKey(name)
                ? ByteBuffer.allocate((int) entry.getValue().bytes())
                : content.apply(name));
      }
      out.commit();
    }
  }
}
