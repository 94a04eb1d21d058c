package org.longlora4j.core.recipe;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.apache.commons.text.similarity.DamerauLevenshteinDistance;

/** The known name that a mistyped one most likely means. */
public final class NearestName {
  private NearestName() {}

  /** The nearest of some names, if one is near: a third of its letters may differ. */
  public static Optional<String> of(String typed, Collection<String> known) {
    DamerauLevenshteinDistance distance = new DamerauLevenshteinDistance();
    return known.stream()
        .filter(name -> distance.apply(typed, name) <= Math.max(1, name.length() / 3))
        .min(Comparator.comparingInt(name -> distance.apply(typed, name)));
  }

  /** The end of a message: {@code ; did you mean …?}, or nothing if no name is near. */
  public static String suggest(String typed, Collection<String> known) {
    return of(typed, known).map(name -> "; did you mean " + name + "?").orElse("");
  }
}
