package org.longlora4j.launcher.endtoend;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.core.tensor.SafetensorsWriter;

/**
 * A recipe that trains a tiny Llama within a second, and what becomes of it.
 *
 * @param recipe the file, which tests change from the command line
 */
record SmallRun(Path recipe) {
  static SmallRun in(Path directory) throws IOException {
    return on("llama", directory);
  }

  static SmallRun on(String model, Path directory) throws IOException {
    return new SmallRun(
        Files.writeString(
            directory.resolve("recipe.yaml"),
            """
            model: %1$s/models/%2$s
            output: run
            context: 256
            attention: { use: s2-attn, group-ratio: 0.25 }
            adapter: { use: lora-plus, rank: 4, alpha: 8 }
            position: linear
            data:
              use: token-rows
              path: %1$s/expected/run-longlora.safetensors
              tensor: data
            training:
              steps: 4
              learning-rate: 1e-3
              checkpoint-every: 2
              precision: float32
            """
                .formatted(CommandRun.golden(), model)));
  }

  CommandRun train(String... settings) {
    return run(List.of("train", recipe), settings);
  }

  CommandRun resume(String... settings) {
    return run(List.of("train", recipe, "--resume"), settings);
  }

  /** Looks for mistakes without training. */
  CommandRun check(String... settings) {
    return run(List.of("recipe", "check", recipe), settings);
  }

  private static CommandRun run(List<Object> command, String... settings) {
    List<Object> arguments = new ArrayList<>(command);
    for (String setting : settings) {
      arguments.add("--set");
      arguments.add(setting);
    }
    return CommandRun.of(arguments.toArray());
  }

  Path output() {
    return recipe.resolveSibling("run");
  }

  List<JsonNode> metrics() throws IOException {
    return lines(output().resolve("metrics.jsonl"));
  }

  static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  List<Double> losses() throws IOException {
    return metrics().stream().map(line -> line.get("loss").asDouble()).toList();
  }

  /** A copy of a golden model, to be spoilt or added to. */
  static Path copyOf(String model, Path target) throws IOException {
    Files.createDirectories(target);
    try (Stream<Path> files = Files.list(CommandRun.golden().resolve("models/" + model))) {
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(file.getFileName()));
      }
    }
    return target;
  }

  /** A copy of a golden model with a tokenizer of bytes. */
  static Path copyWithTokenizer(String model, Path target) throws IOException {
    Path tokenizer = CommandRun.golden().resolveSibling("org/longlora4j/core/data/tokenizer.json");
    Files.copy(tokenizer, copyOf(model, target).resolve("tokenizer.json"));
    return target;
  }

  /** Writes rows of tokens under the name {@code data}. */
  static Path tokenRows(Path file, int[]... rows) throws IOException {
    Map<String, TensorEntry> entries =
        Map.of("data", new TensorEntry(ElementType.I64, new Shape(rows.length, rows[0].length)));
    try (SafetensorsWriter writer = new SafetensorsWriter(file, Map.of(), entries)) {
      writer.begin("data");
      for (int[] row : rows) {
        ByteBuffer bytes =
            ByteBuffer.allocate(row.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(row).forEach(bytes::putLong);
        writer.write(bytes.flip());
      }
      writer.commit();
    }
    return file;
  }
}
