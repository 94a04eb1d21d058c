package org.longlora4j.core.plugin;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A name that more than one plugin binds at one extension point.
 *
 * @param kind what messages call the extension point
 * @param name the name
 * @param offers the plugins, at least two, in the order in which they were found; where the first
 *     is the framework itself the name stays its own
 */
public record NameConflict(String kind, String name, List<LoadedPlugin> offers) {
  /** Copies the list. */
  public NameConflict {
    offers = List.copyOf(offers);
  }

  /** Whether no recipe can use the name: nothing says which of the plugins is meant. */
  boolean isOpen() {
    return !offers.get(0).isBuiltIn();
  }

  /** Who offers it, and the mend; a clause without its sentence's beginning. */
  public String explanation() {
    return isOpen()
        ? "which " + who() + " offer; remove all but one of these jars"
        : "which is the framework's own; its other offer is left out: "
            + offers.get(1).description();
  }

  private String who() {
    return offers.stream().map(LoadedPlugin::description).collect(Collectors.joining(" and "));
  }

  @Override
  public String toString() {
    return "the %s '%s', %s".formatted(kind, name, explanation());
  }
}
