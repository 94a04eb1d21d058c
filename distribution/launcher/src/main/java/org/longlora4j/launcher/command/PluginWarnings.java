package org.longlora4j.launcher.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.LoadedPlugin;
import org.longlora4j.core.plugin.NameConflict;
import org.longlora4j.launcher.osgi.PluginProblem;

/**
 * What is wrong with plugins, as far as it stops nothing.
 *
 * @param extensions of the plugins that take part
 * @param problems of those that do not
 */
record PluginWarnings(ExtensionRegistry extensions, List<PluginProblem> problems) {
  /** A line for each jar that is left out, and one for each set of jars with the same names. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    problems.forEach(
        problem ->
            lines.add(
                "plugin %s is left out: %s".formatted(problem.description(), problem.message())));
    conflicts().forEach((plugins, names) -> lines.add(conflict(plugins, names)));
    return lines;
  }

  /** What a plugin shares with others, if anything. */
  String about(LoadedPlugin plugin) {
    return conflicts().entrySet().stream()
        .filter(conflict -> !plugin.isBuiltIn() && conflict.getKey().contains(plugin))
        .map(conflict -> conflict(conflict.getKey(), conflict.getValue()))
        .collect(Collectors.joining("; "));
  }

  private Map<List<LoadedPlugin>, List<NameConflict>> conflicts() {
    return extensions.conflicts().stream()
        .collect(
            Collectors.groupingBy(NameConflict::offers, LinkedHashMap::new, Collectors.toList()));
  }

  private static String conflict(List<LoadedPlugin> plugins, List<NameConflict> conflicts) {
    String names =
        conflicts.stream()
            .map(conflict -> conflict.kind() + " '" + conflict.name() + "'")
            .collect(Collectors.joining(", "));
    String others =
        plugins.stream()
            .filter(plugin -> !plugin.isBuiltIn())
            .map(LoadedPlugin::description)
            .collect(Collectors.joining(" and "));
    return plugins.get(0).isBuiltIn()
        ? "plugin %s offers what is the framework's own, which stays so: %s"
            .formatted(others, names)
        : "plugins %s offer the same: %s. No recipe can use it until all but one of these jars are"
                .formatted(others, names)
            + " removed";
  }
}
