package org.longlora4j.core.train;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.core.data.DataPosition;
import org.longlora4j.core.tensor.AtomicDirectory;
import org.longlora4j.core.tensor.AtomicFile;
import org.longlora4j.core.tensor.TensorState;

/**
 * The checkpoints of a run: {@code checkpoints/step-120/}, each with all that the next step depends
 * on. A checkpoint appears under its name when it is whole.
 */
final class CheckpointStore {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();
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

  /**
   * Writes a checkpoint beside those that are there.
   *
   * @return the checkpoint's directory
   */
  Path save(Position position, TrainingState state) {
    Path folder = folder(position.step());
    Path partial = directory.resolve("partial");
    try (AtomicDirectory checkpoint = new AtomicDirectory(folder, partial)) {
      tensors.save(partial.resolve(STATE), state.all());
      AtomicFile.write(
          partial.resolve(POSITION),
          JSON.writerWithDefaultPrettyPrinter().writeValueAsString(position) + "\n");
      checkpoint.commit();
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Removes the oldest checkpoints beyond those that are kept. One that cannot be removed, since
   * another program reads it, is no reason to end a run: it goes when this is called again.
   */
  void prune() {
    List<Integer> steps = steps();
    for (int step : steps.subList(0, Math.max(0, steps.size() - kept))) {
      try {
        AtomicDirectory.delete(folder(step));
      } catch (IOException stays) {
        // until the next save
      }
    }
  }

  private Path folder(int step) {
    return directory.resolve("step-" + step);
  }

  /** Where the newest checkpoint stands, if there is one. */
  Optional<Position> latest() {
    List<Integer> steps = steps();
    if (steps.isEmpty()) {
      return Optional.empty();
    }
    int step = steps.get(steps.size() - 1);
    Path file = folder(step).resolve(POSITION);
    try {
      return Optional.of(JSON.readValue(file.toFile(), Position.class));
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
    tensors.restore(folder(position.step()).resolve(STATE), state.all());
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
}
