package org.longlora4j.api.baseline;

import aQute.bnd.service.diff.Delta;
import aQute.bnd.service.diff.Diff;
import aQute.bnd.service.diff.Tree;
import aQute.bnd.service.diff.Type;
import aQute.bnd.version.Version;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What changed between two descriptions of the API, and which versions that calls for. */
final class ApiComparison {
  private final Map<String, String> problems = new TreeMap<>();

  ApiComparison(ApiDescription before, ApiDescription now) {
    for (Diff part : now.tree().diff(before.tree()).getChildren()) {
      if (part.getDelta() != Delta.ADDED && part.getType() == Type.PACKAGE) {
        compare(part);
      }
    }
  }

  /** What is wrong, by package: one whose version does not say what changed in it. */
  Map<String, String> problems() {
    return problems;
  }

  private void compare(Diff changed) {
    String name = changed.getName();
    Version before = version(changed.getOlder());
    if (changed.getDelta() == Delta.REMOVED) {
      problems.put(name, name + " " + before + " is no longer exported: plugins import it");
      return;
    }
    List<String> changes = new ArrayList<>();
    Delta delta = collect(changed, "", changes);
    Version needed = atLeast(before, delta);
    Version now = version(changed.getNewer());
    if (now.compareTo(needed) < 0) {
      problems.put(
          name,
          "%s is version %s, must be %s (%s):%n  %s"
              .formatted(
                  name,
                  now,
                  needed,
                  delta == Delta.MAJOR
                      ? "existing plugins break"
                      : "plugins that use what is new need it",
                  String.join("\n  ", changes)));
    }
  }

  /** The gravest change below an element; all of them go into {@code changes}. */
  private static Delta collect(Diff element, String path, List<String> changes) {
    Delta gravest = Delta.UNCHANGED;
    for (Diff child : element.getChildren()) {
      if (child.getType() == Type.VERSION || child.getDelta() == Delta.UNCHANGED) {
        continue;
      }
      String name = path.isEmpty() ? child.getName() : path + " " + child.getName();
      Delta delta =
          switch (child.getDelta()) {
            case ADDED -> noted(child, name, child.getNewer().ifAdded(), changes);
            case REMOVED -> noted(child, name, child.getOlder().ifRemoved(), changes);
            default -> collect(child, name, changes);
          };
      gravest = delta.compareTo(gravest) > 0 ? delta : gravest;
    }
    return gravest;
  }

  private static Delta noted(Diff change, String name, Delta delta, List<String> changes) {
    String kind = change.getType().name().toLowerCase(Locale.ROOT);
    String done = change.getDelta() == Delta.ADDED ? "added" : "removed";
    changes.add("%s: %s %s (%s)".formatted(delta, kind, name, done));
    return delta;
  }

  private static Version atLeast(Version before, Delta delta) {
    return switch (delta) {
      case MAJOR -> before.bumpMajor();
      case MINOR -> before.bumpMinor();
      case MICRO -> new Version(before.getMajor(), before.getMinor(), before.getMicro() + 1);
      default -> before;
    };
  }

  private static Version version(Tree packageElement) {
    return Arrays.stream(packageElement.getChildren())
        .filter(child -> child.getType() == Type.VERSION)
        .map(child -> Version.parseVersion(child.getName()).getWithoutQualifier())
        .findFirst()
        .orElse(Version.emptyVersion);
  }
}
