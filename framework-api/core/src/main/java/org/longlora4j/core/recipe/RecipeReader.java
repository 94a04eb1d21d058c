package org.longlora4j.core.recipe;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.plugin.Choice;
import org.longlora4j.core.plugin.ExtensionRegistry;

/** Reads recipes. */
public final class RecipeReader {
  private final ExtensionRegistry registry;
  private final RecipeLibrary shipped;

  /**
   * A reader.
   *
   * @param registry the names that may follow {@code use:}
   * @param shipped the recipes that others extend by name
   */
  public RecipeReader(ExtensionRegistry registry, RecipeLibrary shipped) {
    this.registry = requireNonNull(registry, "registry is null");
    this.shipped = requireNonNull(shipped, "shipped is null");
  }

  /**
   * Reads a recipe file.
   *
   * <p>Paths are relative to the file that they stand in, those of {@code overrides} to {@code
   * file}.
   *
   * @param file the recipe
   * @param overrides settings above the file, such as {@code training.steps=20} or {@code
   *     attention={use: dense}}; the values are YAML
   * @return the recipe with every default filled in
   * @throws InvalidInputException if anything is wrong, with a line for each mistake that names the
   *     file, line, column and key
   */
  public Recipe read(Path file, List<String> overrides) {
    RecipeProblems problems = new RecipeProblems();
    Path absolute = file.toAbsolutePath().normalize();
    RecipeLayers layers = new RecipeLayers(shipped, problems);
    YamlNode.Mapping recipe = layers.override(layers.read(file), overrides, absolute.getParent());
    Optional<Recipe> bound = bind(recipe, absolute, new OptionsBinder(registry, problems));
    problems.throwIfAny();
    return bound.orElseThrow();
  }

  /**
   * Binds a recipe of which all layers are merged.
   *
   * @param file absolute
   * @return empty if something was reported
   */
  static Optional<Recipe> bind(YamlNode.Mapping recipe, Path file, OptionsBinder binder) {
    Optional<RecipeSections> sections =
        binder.bind(RecipeSections.class, recipe, "", Set.of(RecipeLayers.EXTENDS));
    Optional<Path> startFrom = startFrom(binder, recipe);
    return sections.map(bound -> bound.toRecipe(file, startFrom, new RecipePlaces(recipe)));
  }

  private static Optional<Path> startFrom(OptionsBinder binder, YamlNode.Mapping recipe) {
    return recipe
        .get("adapter")
        .filter(YamlNode.Mapping.class::isInstance)
        .map(YamlNode.Mapping.class::cast)
        .flatMap(
            adapter ->
                binder.bind(
                    Section.AdapterStart.class, adapter, "adapter", adapter.entries().keySet()))
        .flatMap(Section.AdapterStart::startFrom);
  }

  /**
   * Reads one section that stands alone, such as the argument of {@code --data}.
   *
   * @param point the extension point
   * @param section a bare name, or a map such as <code>{use: s2-attn, group-ratio: 0.25}</code>
   * @param base the folder that relative paths start from
   * @param <T> the extension point
   * @return the choice with every default filled in
   * @throws InvalidInputException if anything is wrong, with a line for each mistake
   */
  public <T> Choice<T> choose(Class<T> point, String section, Path base) {
    RecipeProblems problems = new RecipeProblems();
    Place place = Place.whole(section.strip(), base.toAbsolutePath().normalize());
    YamlNode node = YamlParser.parseValue(section, place, problems);
    Optional<Choice<T>> choice = new OptionsBinder(registry, problems).choose(point, node, "");
    problems.throwIfAny();
    return choice.orElseThrow();
  }
}
