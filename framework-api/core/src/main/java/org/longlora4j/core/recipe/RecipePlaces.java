package org.longlora4j.core.recipe;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where in the user's files each part of a recipe stands, for what is found out about it later.
 *
 * @param recipe all layers merged
 */
record RecipePlaces(YamlNode recipe) {
  private static final Pattern STEP = Pattern.compile("([^.\\[]+)|\\[(\\d+)]");

  /**
   * The place of a value, or of the nearest part around it that is written.
   *
   * @param path keys joined by dots, items of lists in brackets
   */
  Place of(String path) {
    YamlNode at = recipe;
    Matcher step = STEP.matcher(path);
    while (step.find()) {
      Optional<YamlNode> next = next(at, step);
      if (next.isEmpty()) {
        break;
      }
      at = next.get();
    }
    return at.place();
  }

  private static Optional<YamlNode> next(YamlNode at, Matcher step) {
    if (step.group(1) != null) {
      return at instanceof YamlNode.Mapping map ? map.get(step.group(1)) : Optional.empty();
    }
    int item = Integer.parseInt(step.group(2));
    return at instanceof YamlNode.Sequence list && item < list.items().size()
        ? Optional.of(list.items().get(item))
        : Optional.empty();
  }

  /** Where a recipe is written is no part of what it says: the same from another file is equal. */
  @Override
  public boolean equals(Object other) {
    return other instanceof RecipePlaces;
  }

  @Override
  public int hashCode() {
    return 0;
  }

  @Override
  public String toString() {
    return "…";
  }
}
