package org.longlora4j.core.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.tensor.AtomicFile;

/** The JSON files of a checkpoint or an adapter, each one object. */
public final class JsonFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private JsonFile() {}

  /**
   * Reads a file.
   *
   * @param file where it is
   * @return its object
   * @throws InvalidInputException if it cannot be read, with line and column if it is not JSON
   */
  public static ObjectNode read(Path file) {
    try {
      if (JSON.readTree(file.toFile()) instanceof ObjectNode object) {
        return object;
      }
      throw new InvalidInputException(file + " is not a JSON object.");
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          "%s:%d:%d: %s"
              .formatted(
                  file,
                  e.getLocation().getLineNr(),
                  e.getLocation().getColumnNr(),
                  e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new InvalidInputException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Writes a file, which appears when it is whole.
   *
   * @param file where it will appear
   * @param json a tree, or maps and lists
   * @throws IOException if the disk does not take it
   */
  public static void write(Path file, Object json) throws IOException {
    AtomicFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
  }
}
