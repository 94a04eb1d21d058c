package org.longlora4j.core.recipe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Merges a recipe file with what it extends and with what the command line sets.
 *
 * <p>Maps merge key by key and the later layer wins. A section that names another {@code use} than
 * the layer below replaces it whole. An empty value takes away what the layer below gives.
 */
final class RecipeLayers {
  /** The key that names the layer below. */
  static final String EXTENDS = "extends";

  private static final Pattern PATH = Pattern.compile(".*[/\\\\].*|.*\\.ya?ml");

  private final RecipeLibrary shipped;
  private final RecipeProblems problems;

  RecipeLayers(RecipeLibrary shipped, RecipeProblems problems) {
    this.shipped = shipped;
    this.problems = problems;
  }

  /** A file and everything below it. */
  YamlNode.Mapping read(Path file) {
    return read(file, Place.whole(file.toString(), folder(file)), "", List.of());
  }

  /**
   * @param namedAt where the file was named
   * @param below the files that extend this one, the first one read first
   */
  private YamlNode.Mapping read(Path file, Place namedAt, String key, List<Path> below) {
    Path identity = file.toAbsolutePath().normalize();
    if (below.contains(identity)) {
      throw problems.fatal(namedAt, key, "goes in a circle: " + circle(below, identity));
    }
    List<Path> chain = new ArrayList<>(below);
    chain.add(identity);
    Place whole = Place.whole(file.toString(), folder(file));
    YamlNode content = YamlParser.parseFile(bytes(file, namedAt, key), whole, problems);
    if (!(content instanceof YamlNode.Mapping map)) {
      throw problems.fatal(
          content.place(),
          "",
          "is " + content.found() + ", must be a map with keys such as model, context and data");
    }
    return extended(map, file, chain);
  }

  /**
   * The recipe within a file that says more than a recipe does, and everything below it.
   *
   * @param file it stands in
   */
  YamlNode.Mapping within(YamlNode.Mapping map, Path file) {
    return extended(map, file, List.of(file.toAbsolutePath().normalize()));
  }

  private YamlNode.Mapping extended(YamlNode.Mapping map, Path file, List<Path> chain) {
    YamlNode.Mapping own = Section.expandAll(map.without(EXTENDS), RecipeSections.class);
    return map.get(EXTENDS).map(name -> merge(parent(name, file, chain), own)).orElse(own);
  }

  private YamlNode.Mapping parent(YamlNode name, Path file, List<Path> chain) {
    if (!(name instanceof YamlNode.Scalar scalar)) {
      throw problems.fatal(
          name.place(), EXTENDS, "is " + name.found() + ", must be " + expectedParent());
    }
    if (PATH.matcher(scalar.text()).matches()) {
      return read(resolve(file, scalar), scalar.place(), EXTENDS, chain);
    }
    Optional<Path> recipe = shipped.find(scalar.text());
    if (recipe.isEmpty()) {
      throw problems.fatal(
          name.place(),
          EXTENDS,
          "is "
              + name.found()
              + ", must be "
              + expectedParent()
              + NearestName.suggest(scalar.text(), shipped.names()));
    }
    return read(recipe.get(), scalar.place(), EXTENDS, chain);
  }

  private static Path resolve(Path file, YamlNode.Scalar relative) {
    return file.resolveSibling(relative.text()).normalize();
  }

  private String expectedParent() {
    String path = "a path such as ./other.yaml";
    return shipped.names().isEmpty()
        ? path
        : "a shipped recipe (" + String.join(", ", shipped.names()) + ") or " + path;
  }

  private byte[] bytes(Path file, Place namedAt, String key) {
    String name = key.isEmpty() ? "" : file + " ";
    if (Files.isDirectory(file)) {
      throw problems.fatal(namedAt, key, name + "is a directory, must be a recipe file");
    }
    if (!Files.exists(file)) {
      throw problems.fatal(namedAt, key, name + "does not exist, must be a recipe file");
    }
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw problems.fatal(namedAt, key, name + "cannot be read: " + e);
    }
  }

  private static String circle(List<Path> chain, Path again) {
    List<Path> files = new ArrayList<>(chain.subList(chain.indexOf(again), chain.size()));
    files.add(again);
    return files.stream()
        .map(file -> file.getFileName().toString())
        .collect(Collectors.joining(" → "));
  }

  /**
   * Puts settings such as {@code training.steps=20} above a recipe.
   *
   * @param base the folder that paths in the settings start from
   */
  YamlNode.Mapping override(YamlNode.Mapping recipe, List<String> settings, Path base) {
    YamlNode.Mapping layer = new YamlNode.Mapping(recipe.place(), Map.of());
    for (String setting : settings) {
      Optional<YamlNode.Mapping> parsed = parse(setting, Place.whole("--set " + setting, base));
      if (parsed.isPresent()) {
        layer = merge(layer, Section.expandAll(parsed.get(), RecipeSections.class));
      }
    }
    return merge(recipe, layer);
  }

  /**
   * Puts a map above a recipe whose keys may be paths, as in {@code training.steps: 20}.
   *
   * @param path the keys that lead to the map, for messages
   */
  YamlNode.Mapping set(YamlNode.Mapping recipe, YamlNode.Mapping settings, String path) {
    YamlNode.Mapping layer = new YamlNode.Mapping(recipe.place(), Map.of());
    for (Map.Entry<String, YamlNode.Entry> setting : settings.entries().entrySet()) {
      List<String> keys = List.of(setting.getKey().split("\\.", -1));
      if (keys.contains("") || keys.get(0).equals(EXTENDS)) {
        problems.report(
            Mistake.UNREADABLE,
            setting.getValue().keyPlace(),
            path,
            "has the key '%s', must have keys of a recipe, such as training.steps"
                .formatted(setting.getKey()));
      } else {
        layer =
            merge(
                layer,
                Section.expandAll(nested(keys, setting.getValue().value()), RecipeSections.class));
      }
    }
    return merge(recipe, layer);
  }

  private static YamlNode.Mapping nested(List<String> keys, YamlNode value) {
    YamlNode node = value;
    for (int i = keys.size() - 1; i >= 0; i--) {
      node = YamlNode.Mapping.of(keys.get(i), node);
    }
    return (YamlNode.Mapping) node;
  }

  private Optional<YamlNode.Mapping> parse(String setting, Place place) {
    int equals = setting.indexOf('=');
    List<String> keys = List.of(setting.substring(0, Math.max(0, equals)).strip().split("\\.", -1));
    if (keys.contains("")) {
      problems.report(
          Mistake.UNREADABLE, place, "", "must be KEY=VALUE, for example training.steps=20");
      return Optional.empty();
    }
    if (keys.get(0).equals(EXTENDS)) {
      problems.report(Mistake.UNREADABLE, place, EXTENDS, "stands in recipe files only");
      return Optional.empty();
    }
    YamlNode value = YamlParser.parseValue(setting.substring(equals + 1), place, problems);
    return Optional.of(nested(keys, value));
  }

  private static YamlNode.Mapping merge(YamlNode.Mapping lower, YamlNode.Mapping upper) {
    if (usesAnother(lower, upper)) {
      return upper;
    }
    Map<String, YamlNode.Entry> merged = new LinkedHashMap<>(lower.entries());
    upper.entries().forEach((key, entry) -> merged.merge(key, entry, RecipeLayers::mergeEntries));
    // What a section lacks is missing from the file, not from the command line.
    return new YamlNode.Mapping(upper.place().hasLine() ? upper.place() : lower.place(), merged);
  }

  private static YamlNode.Entry mergeEntries(YamlNode.Entry lower, YamlNode.Entry upper) {
    return lower.value() instanceof YamlNode.Mapping below
            && upper.value() instanceof YamlNode.Mapping above
        ? new YamlNode.Entry(upper.keyPlace(), merge(below, above))
        : upper;
  }

  private static boolean usesAnother(YamlNode.Mapping lower, YamlNode.Mapping upper) {
    Optional<String> below = use(lower);
    Optional<String> above = use(upper);
    return below.isPresent() && above.isPresent() && !below.equals(above);
  }

  private static Optional<String> use(YamlNode.Mapping section) {
    return section.get(OptionsBinder.USE).map(YamlNode::found);
  }

  private static Path folder(Path file) {
    return file.toAbsolutePath().normalize().getParent();
  }
}
