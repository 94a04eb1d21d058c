package org.longlora4j.core.gguf;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.checkpoint.MergedWeights;
import org.longlora4j.core.checkpoint.NumberFormat;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.plugin.ProblemList;
import org.longlora4j.core.tensor.TensorWriter;
import org.longlora4j.core.tensor.TorchServices;

/**
 * Writes a model as a GGUF file for llama.cpp: weights in one number format, norms and biases in
 * float32, and the tokenizer in its metadata.
 *
 * <p>Whatever llama.cpp could not be told is found before anything is written, and refused. Tensors
 * go through one by one.
 */
public final class GgufExport {
  private static final double DEFAULT_EPSILON = 1e-6; // of transformers

  private final AdaptedCheckpoint source;
  private final ModelConfig config;
  private final MergedWeights weights;
  private final TorchServices services;
  private final TensorWriter writer;

  /**
   * What was written.
   *
   * @param output the new file
   * @param architecture the value of {@code general.architecture}
   * @param format the number format of its weights
   * @param tensors how many there are
   * @param bytes the size of the file
   * @param notes what llama.cpp does otherwise than this model's own files say
   */
  public record Result(
      Path output,
      String architecture,
      NumberFormat format,
      int tensors,
      long bytes,
      List<String> notes) {}

  /** A tensor of the file: one of the model's, or a few numbers that belong to the architecture. */
  private sealed interface Source {
    record Weight(MergedWeights.Tensor tensor) implements Source {}

    @SuppressWarnings("ArrayRecordComponent") // written, never compared
    record Numbers(float[] values) implements Source {}
  }

  /** Prepares to write an open model, its adapter merged into it. */
  public GgufExport(AdaptedCheckpoint source, TorchServices services) {
    this.source = source;
    this.services = services;
    config = source.config();
    weights = new MergedWeights(source, services);
    writer = new TensorWriter(services.compiler());
  }

  /**
   * Writes the file.
   *
   * @param output where it will appear
   * @param format the number format of its weights
   * @throws InvalidInputException if there is something there already, or the model cannot be told
   *     in this format, with all reasons
   * @throws IOException if the disk does not take it
   */
  public Result write(Path output, NumberFormat format) throws IOException {
    requireNew(output);
    String modelType = config.json().path("model_type").asText();
    GgufArchitecture architecture =
        GgufArchitecture.of(modelType)
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "%s: model_type: is '%s'; llama, mistral and qwen2 can be exported as GGUF. Export safetensors."
                            .formatted(config.file(), modelType)));
    ProblemList problems = new ProblemList();
    List<String> notes = new ArrayList<>();
    GgufMetadata metadata = new GgufMetadata();
    describeModel(metadata, architecture, format, notes);
    Map<String, float[]> numbers =
        new GgufRotary(architecture, config.rotary())
            .describe(metadata, problems.in(config.file(), ""));
    describeTokenizer(metadata, source.tokenizerDirectory().orElseThrow(), problems, notes);
    Map<String, Source> tensors =
        tensors(architecture, numbers, problems.in(source.base().config().file(), ""));
    problems.throwIfAny();
    long bytes = writeFile(output, architecture, metadata, tensors, format);
    return new Result(output, architecture.key(), format, tensors.size(), bytes, notes);
  }

  private static void requireNew(Path output) {
    if (Files.exists(output)) {
      throw new InvalidInputException(
          output + " exists already. Name another output, or remove it first.");
    }
    Path folder = output.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder)) {
      throw new InvalidInputException(
          "%s is no directory, so that %s cannot be put there. Make it first."
              .formatted(folder, output.getFileName()));
    }
  }

  private void describeModel(
      GgufMetadata metadata,
      GgufArchitecture architecture,
      NumberFormat format,
      List<String> notes) {
    String prefix = architecture.key() + ".";
    metadata.text("general.architecture", architecture.key());
    metadata.text("general.type", "model");
    metadata.text("general.name", name());
    metadata.count("general.alignment", GgufWriter.ALIGNMENT);
    metadata.count("general.file_type", fileType(format));
    metadata.count(prefix + "vocab_size", config.vocabularySize());
    metadata.count(prefix + "context_length", contextLength(architecture, notes));
    metadata.count(prefix + "embedding_length", config.hiddenSize());
    metadata.count(prefix + "block_count", config.layers());
    metadata.count(prefix + "feed_forward_length", config.intermediateSize());
    metadata.count(prefix + "attention.head_count", config.heads());
    metadata.count(prefix + "attention.head_count_kv", config.keyValueHeads());
    metadata.count(prefix + "attention.key_length", config.headDim());
    metadata.count(prefix + "attention.value_length", config.headDim());
    metadata.real(
        prefix + "attention.layer_norm_rms_epsilon",
        config.json().path("rms_norm_eps").asDouble(DEFAULT_EPSILON));
  }

  private String name() {
    Path directory = source.base().directory().orElseThrow().toAbsolutePath().normalize();
    return Optional.ofNullable(directory.getFileName()).map(Path::toString).orElse("model");
  }

  /** The numbers of llama.cpp's {@code llama_ftype}. */
  private static int fileType(NumberFormat format) {
    return switch (format) {
      case FLOAT32 -> 0;
      case FLOAT16 -> 1;
      case BFLOAT16 -> 32;
    };
  }

  private int contextLength(GgufArchitecture architecture, List<String> notes) {
    int positions = config.maxPositions();
    int window = config.slidingWindow().orElse(positions);
    if (window < positions) {
      notes.add(
          "llama.cpp has no sliding window for %s, so context_length is the window, %d, instead of %d"
              .formatted(architecture.key(), window, positions));
    }
    return Math.min(window, positions);
  }

  private void describeTokenizer(
      GgufMetadata metadata, Path directory, ProblemList problems, List<String> notes) {
    try (Tokenizer tokenizer =
        Tokenizer.inDirectory(directory)
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        directory
                            + " has no tokenizer.json, which a GGUF file is made from too."))) {
      new GgufTokenizer(directory, tokenizer, config.json())
          .describe(
              metadata,
              config.vocabularySize(),
              problems.in(directory.resolve("tokenizer.json"), ""),
              notes);
    }
  }

  private Map<String, Source> tensors(
      GgufArchitecture architecture, Map<String, float[]> numbers, Problems problems) {
    Map<String, Source> tensors = new LinkedHashMap<>();
    numbers.forEach((name, values) -> tensors.put(name, new Source.Numbers(values)));
    for (MergedWeights.Tensor tensor : weights.tensors()) {
      architecture
          .tensor(tensor.name())
          .ifPresentOrElse(
              name -> tensors.put(name, new Source.Weight(tensor)),
              () ->
                  problems.report(
                      "", "llama.cpp has no place for the tensor %s".formatted(tensor.name())));
    }
    return tensors;
  }

  private long writeFile(
      Path output,
      GgufArchitecture architecture,
      GgufMetadata metadata,
      Map<String, Source> tensors,
      NumberFormat format)
      throws IOException {
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> entries.put(name, entry(tensor, format)));
    try (GgufWriter file = new GgufWriter(output, metadata, entries)) {
      for (Map.Entry<String, Source> tensor : tensors.entrySet()) {
        try (NDManager scope = services.engine().newManager()) {
          NDArray values = read(tensor.getValue(), architecture, scope);
          ElementType type = entries.get(tensor.getKey()).type();
          NumberFormat.of(type).requireHolds(tensor.getKey(), values);
          file.begin(tensor.getKey());
          writer.writeFloats(values, type, file::write);
        }
      }
      weights.requireAllRead();
      return file.commit();
    }
  }

  /** llama.cpp computes with norms, biases and frequencies in float32. */
  private static TensorEntry entry(Source tensor, NumberFormat format) {
    if (tensor instanceof Source.Weight weight) {
      Shape shape = weight.tensor().shape();
      boolean matrix = weight.tensor().kind() != ModelModule.Kind.NORM && shape.dimension() == 2;
      return new TensorEntry(matrix ? format.type() : ElementType.F32, shape);
    }
    return new TensorEntry(ElementType.F32, new Shape(((Source.Numbers) tensor).values().length));
  }

  private NDArray read(Source tensor, GgufArchitecture architecture, NDManager scope) {
    if (tensor instanceof Source.Numbers numbers) {
      return scope.create(numbers.values());
    }
    MergedWeights.Tensor weight = ((Source.Weight) tensor).tensor();
    NDArray values = weights.read(weight, scope);
    return architecture.permutes(weight.name()) ? permuted(values, weight.name()) : values;
  }

  /**
   * Lays the rows of a head out so that those that turn together are neighbours: the row {@code i}
   * of each half becomes {@code 2i} and {@code 2i + 1}.
   */
  private NDArray permuted(NDArray rows, String name) {
    int heads = GgufArchitecture.isQuery(name) ? config.heads() : config.keyValueHeads();
    Shape shape = rows.getShape();
    long columns = shape.dimension() == 2 ? shape.get(1) : 1;
    return rows.reshape(heads, 2, config.headDim() / 2, columns)
        .transpose(0, 2, 1, 3)
        .reshape(shape);
  }
}
