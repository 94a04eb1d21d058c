package org.longlora4j.core.train;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.core.data.DataPosition;
import org.longlora4j.core.tensor.AtomicFile;
import org.longlora4j.core.tensor.TensorState;

/**
 * The checkpoints of a run: {@code checkpoints/step-120/}, each with all that the next step depends
 * on. A checkpoint appears under its name when it is whole.
 */
final class CheckpointStore {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STATE = "state.safetensors";
  private static final String POSITION = "position.json";
  private static final Pattern NAME = Pattern.compile("step-(\\d+)");

  private final Path directory;
  private final int kept;
  private final TensorState tensors;

  /**
   * Where a run stands.
   *
   * @param step the last step that was taken
   * @param data where the next row starts
   */
  record Position(int step, DataPosition data) {}

  CheckpointStore(Path runDirectory, int kept, KernelCompiler compiler) {
    this.directory = runDirectory.resolve("checkpoints");
    this.kept = kept;
    this.tensors = new TensorState(compiler);
  }

  /** Writes a checkpoint and removes the oldest ones beyond those that are kept. */
  void save(Position position, TrainingState state) {
    Path target = directory.resolve("step-" + position.step());
    Path partial = directory.resolve("partial");
    try {
      deleteTree(partial);
      Files.createDirectories(partial);
      tensors.save(partial.resolve(STATE), state.all());
      AtomicFile.write(partial.resolve(POSITION), toJson(position).toPrettyString() + "\n");
      deleteTree(target);
      Files.move(partial, target, ATOMIC_MOVE);
      List<Integer> steps = steps();
      for (int step : steps.subList(0, Math.max(0, steps.size() - kept))) {
        deleteTree(directory.resolve("step-" + step));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the newest checkpoint stands, if there is one. */
  Optional<Position> latest() {
    List<Integer> steps = steps();
    if (steps.isEmpty()) {
      return Optional.empty();
    }
    int step = steps.get(steps.size() - 1);
    Path file = directory.resolve("step-" + step).resolve(POSITION);
    try {
      JsonNode json = JSON.readTree(file.toFile());
      JsonNode data = json.path("data");
      return Optional.of(
          new Position(
              json.path("step").asInt(),
              new DataPosition(
                  data.path("epoch").asInt(),
                  data.path("documents").asLong(),
                  data.path("tokens").asLong())));
    } catch (IOException e) {
      throw new InvalidInputException(
          file
              + " cannot be read: "
              + e.getMessage()
              + ". Remove that checkpoint's folder to go on from an older one.",
          e);
    }
  }

  /** Overwrites a state with that of a checkpoint. */
  void restore(Position position, TrainingState state) {
    tensors.restore(directory.resolve("step-" + position.step()).resolve(STATE), state.all());
  }

  private static ObjectNode toJson(Position position) {
    ObjectNode json = JSON.createObjectNode();
    json.put("step", position.step());
    json.putObject("data")
        .put("epoch", position.data().epoch())
        .put("documents", position.data().documents())
        .put("tokens", position.data().tokens());
    return json;
  }

  private List<Integer> steps() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .map(entry -> NAME.matcher(entry.getFileName().toString()))
          .filter(matcher -> matcher.matches())
          .map(matcher -> Integer.parseInt(matcher.group(1)))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
