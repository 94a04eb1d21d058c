package org.longlora4j.core;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.DensePattern;
import org.longlora4j.core.model.ModelLoader;
import org.longlora4j.core.model.PatternAttention;
import org.longlora4j.core.model.RotaryTables;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.TensorReader;
import org.longlora4j.core.tensor.TorchServices;

/** The reference values, and what is done with them again and again. */
public final class Golden {
  /** Where they are. */
  public static final Path FOLDER = Path.of("src/test/resources/golden").toAbsolutePath();

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
  public static CausalLanguageModel frozen(
      TorchServices services, Path directory, Precision precision) {
    return load(services, directory, c -> Composition.asItStands(c.config(), precision));
  }

  /** A checkpoint of which all modules train. */
  public static CausalLanguageModel full(
      TorchServices services, Path directory, Precision precision) {
    return load(services, directory, c -> training(c, precision, all(c)));
  }

  /** A checkpoint of which some modules train. */
  public static CausalLanguageModel partial(
      TorchServices services, Path directory, Precision precision, Set<String> trained) {
    return load(services, directory, c -> training(c, precision, trained));
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
      TorchServices services, Path directory, Function<Checkpoint, Composition> composition) {
    try (Checkpoint checkpoint = Checkpoint.open(directory)) {
      return new ModelLoader(services).load(checkpoint, composition.apply(checkpoint));
    }
  }

  /** Dense attention over rows that fill the tables, but for padding. */
  public static PatternAttention dense(
      TorchServices services, CausalLanguageModel model, RotaryTables tables, int... lengths) {
    return new PatternAttention(
        services.compiler(),
        model.config(),
        tables,
        new DensePattern(services.causalAttention()),
        tables.length(),
        lengths);
  }
}
