package org.longlora4j.core.recipe;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.core.plugin.ExtensionRegistry;

/**
 * Reads studies: a base {@code recipe}, which may extend another, and what varies in it, as named
 * {@code cells}, as {@code axes}, or as each cell at every point of the axes.
 */
public final class StudyReader {
  private static final String RECIPE = "recipe";
  private static final String KINDS = "a study file with recipe, cells or axes, and evaluation";

  private final ExtensionRegistry registry;
  private final RecipeLibrary shipped;

  /**
   * What a command line says above a study file.
   *
   * @param settings above every cell's recipe, such as {@code training.steps=20}
   * @param seeds in place of the file's; empty for those
   * @param output in place of the file's
   */
  public record Overrides(List<String> settings, List<Long> seeds, Optional<Path> output) {
    /** Nothing is said. */
    public static final Overrides NONE = new Overrides(List.of(), List.of(), Optional.empty());

    /** Copies the lists. */
    public Overrides {
      settings = List.copyOf(settings);
      seeds = List.copyOf(seeds);
      requireNonNull(output, "output is null");
    }
  }

  /**
   * A reader.
   *
   * @param registry the names that may follow {@code use:}
   * @param shipped the recipes that others extend by name
   */
  public StudyReader(ExtensionRegistry registry, RecipeLibrary shipped) {
    this.registry = requireNonNull(registry, "registry is null");
    this.shipped = requireNonNull(shipped, "shipped is null");
  }

  /**
   * Reads a study file.
   *
   * @param file the study
   * @param overrides what holds above it
   * @return the study with every cell's recipe resolved
   * @throws org.longlora4j.api.plugin.InvalidInputException if anything is wrong, with a line for
   *     each mistake that names the file, line, column and key
   */
  public Study read(Path file, Overrides overrides) {
    RecipeProblems problems = new RecipeProblems();
    Path absolute = file.toAbsolutePath().normalize();
    YamlNode.Mapping content = content(file, absolute, problems);
    OptionsBinder binder = new OptionsBinder(registry, problems);
    Optional<StudySections> bound =
        binder.bind(
            StudySections.class, content, "", Set.of(RECIPE, StudyGrid.CELLS, StudyGrid.AXES));
    List<StudyGrid.Point> points = new StudyGrid(binder, problems).points(content);
    RecipeLayers layers = new RecipeLayers(shipped, problems);
    YamlNode.Mapping base = base(content, absolute, layers, problems);
    problems.throwIfAny();
    StudySections sections = bound.orElseThrow();
    Path output = output(sections, absolute, overrides);
    List<Long> seeds = overrides.seeds().isEmpty() ? sections.seeds() : overrides.seeds();
    Cells cells = new Cells(absolute, output.resolve("cells"), seeds, binder, problems);
    List<Study.Cell> read = new ArrayList<>();
    for (StudyGrid.Point point : points) {
      YamlNode.Mapping recipe = base;
      for (YamlNode.Mapping settings : point.settings()) {
        recipe = layers.set(recipe, settings, "cells." + point.label());
      }
      recipe = layers.override(recipe, overrides.settings(), absolute.getParent());
      cells.add(point, recipe, read);
    }
    problems.throwIfAny();
    return new Study(
        absolute,
        sections.title().orElse(stem(absolute)),
        sections.about(),
        sections.paper(),
        output,
        sections.evaluation(),
        read);
  }

  private static YamlNode.Mapping content(Path file, Path absolute, RecipeProblems problems) {
    Place whole = Place.whole(file.toString(), absolute.getParent());
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(absolute);
    } catch (IOException e) {
      String found = Files.exists(absolute) ? "cannot be read" : "does not exist";
      throw problems.fatal(whole, "", found + ", must be " + KINDS);
    }
    if (YamlParser.parseFile(bytes, whole, problems) instanceof YamlNode.Mapping map) {
      return map;
    }
    throw problems.fatal(whole, "", "is not a map, must be " + KINDS);
  }

  private static YamlNode.Mapping base(
      YamlNode.Mapping content, Path file, RecipeLayers layers, RecipeProblems problems) {
    Optional<YamlNode> recipe = content.get(RECIPE);
    if (recipe.isPresent() && recipe.get() instanceof YamlNode.Mapping map) {
      return layers.within(map, file);
    }
    throw problems.fatal(
        recipe.map(YamlNode::place).orElse(content.place()),
        RECIPE,
        recipe.map(node -> "is " + node.found()).orElse("is missing")
            + ", must be a map with the keys of a recipe; extends: NAME begins with another");
  }

  private static Path output(StudySections sections, Path file, Overrides overrides) {
    return overrides
        .output()
        .or(sections::output)
        .orElseGet(() -> file.resolveSibling(stem(file)))
        .toAbsolutePath()
        .normalize();
  }

  private static String stem(Path file) {
    String name = file.getFileName().toString();
    String stem = name.replaceFirst("\\.[^.]+$", "");
    return stem.equals(name) ? name + "-study" : stem;
  }

  /** Makes cells of the grid's points. */
  private record Cells(
      Path file,
      Path directory,
      List<Long> seeds,
      OptionsBinder binder,
      RecipeProblems problems,
      Map<String, String> folders) {
    Cells(
        Path file,
        Path directory,
        List<Long> seeds,
        OptionsBinder binder,
        RecipeProblems problems) {
      this(file, directory, seeds, binder, problems, new LinkedHashMap<>());
    }

    void add(StudyGrid.Point point, YamlNode.Mapping recipe, List<Study.Cell> to) {
      Path folder = directory.resolve(folder(point));
      List<Recipe> recipes = new ArrayList<>();
      if (point.trained()) {
        for (long seed : seeds) {
          bind(seeded(recipe, seed), folder.resolve("seed-" + seed)).ifPresent(recipes::add);
        }
      } else {
        bind(recipe, folder.resolve("untrained")).ifPresent(recipes::add);
        recipes.stream()
            .filter(read -> read.model().path().isEmpty())
            .forEach(read -> refuseRandom(point));
      }
      to.add(new Study.Cell(point.label(), point.trained(), recipes, point.paper()));
    }

    private void refuseRandom(StudyGrid.Point point) {
      problems.report(
          Mistake.CONTRADICTION,
          point.place(),
          "cells." + point.label(),
          "is not to be trained, but model.init draws its weights: name a checkpoint");
    }

    /** A name for a directory, which no other cell has. */
    private String folder(StudyGrid.Point point) {
      String folder = point.label().replaceAll("[^A-Za-z0-9._-]+", "-");
      String other = folders.putIfAbsent(folder, point.label());
      if (other != null) {
        problems.report(
            Mistake.CONTRADICTION,
            point.place(),
            "cells." + point.label(),
            "and '%s' would share the directory %s; rename one".formatted(other, folder));
      }
      return folder;
    }

    private static YamlNode.Mapping seeded(YamlNode.Mapping recipe, long seed) {
      Place place = Place.whole("seeds", recipe.place().base());
      YamlNode.Scalar value = new YamlNode.Scalar(place, seed, Long.toString(seed));
      YamlNode.Mapping training =
          recipe
              .get("training")
              .filter(YamlNode.Mapping.class::isInstance)
              .map(YamlNode.Mapping.class::cast)
              .orElseGet(() -> new YamlNode.Mapping(recipe.place(), Map.of()));
      return recipe.with(
          "training",
          new YamlNode.Entry(place, training.with("seed", new YamlNode.Entry(place, value))));
    }

    private Optional<Recipe> bind(YamlNode.Mapping recipe, Path output) {
      Place place = Place.whole("output", recipe.place().base());
      YamlNode.Scalar value = new YamlNode.Scalar(place, output.toString(), output.toString());
      return RecipeReader.bind(
          recipe.with("output", new YamlNode.Entry(place, value)), file, binder);
    }
  }
}
