package org.longlora4j.core.recipe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The recipes that ship with a distribution, which others extend by name. */
public final class RecipeLibrary {
  private static final String SUFFIX = ".yaml";

  private final Optional<Path> directory;

  private RecipeLibrary(Optional<Path> directory) {
    this.directory = directory;
  }

  /** No shipped recipes. */
  public static RecipeLibrary empty() {
    return new RecipeLibrary(Optional.empty());
  }

  /**
   * The recipes of a directory: {@code longlora.yaml} is called {@code longlora}.
   *
   * @param directory where they are; one that does not exist holds none
   */
  public static RecipeLibrary in(Path directory) {
    return new RecipeLibrary(Optional.of(directory).filter(Files::isDirectory));
  }

  /** The names of the recipes, sorted. */
  public List<String> names() {
    if (directory.isEmpty()) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory.get())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + directory.get(), e);
    }
  }

  /** The file of a shipped recipe, if there is one of that name. */
  public Optional<Path> find(String name) {
    return directory.filter(any -> names().contains(name)).map(d -> d.resolve(name + SUFFIX));
  }
}
