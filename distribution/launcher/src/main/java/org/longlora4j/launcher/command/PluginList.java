package org.longlora4j.launcher.command;

import static com.fasterxml.jackson.annotation.JsonInclude.Include.NON_EMPTY;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.longlora4j.core.plugin.BoundExtension;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.LoadedPlugin;
import org.longlora4j.launcher.osgi.ApiRange;
import org.longlora4j.launcher.osgi.PluginProblem;

/**
 * The plugins of a session.
 *
 * @param plugins those in use in the order they were found, then those left out
 */
record PluginList(List<Row> plugins) implements Result {
  PluginList {
    plugins = List.copyOf(plugins);
  }

  /** Whether a plugin takes part. */
  enum State {
    ACTIVE,
    REFUSED;

    @JsonValue
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One plugin.
   *
   * @param name the bundle's symbolic name, or the plugin's class on a plain class path
   * @param version the bundle's or the jar's
   * @param state whether it takes part
   * @param api the versions of the API that it was built for, by package
   * @param extensions the names that it binds, by what they are
   * @param jar where it lies
   * @param message why it was refused, or what stands in its way; else empty
   */
  record Row(
      String name,
      String version,
      State state,
      Map<String, String> api,
      Map<String, List<String>> extensions,
      String jar,
      @JsonInclude(NON_EMPTY) String message) {

    private String extensionText() {
      return extensions.entrySet().stream()
          .map(kind -> kind.getKey() + ": " + String.join(", ", kind.getValue()))
          .collect(Collectors.joining("; "));
    }
  }

  static PluginList of(Session session) {
    ExtensionRegistry registry = session.extensions();
    PluginWarnings warnings = new PluginWarnings(registry, session.problems());
    List<Row> rows = new ArrayList<>();
    for (LoadedPlugin plugin : registry.plugins()) {
      rows.add(
          new Row(
              plugin.name(),
              plugin.version(),
              State.ACTIVE,
              session.api(plugin).packages(),
              extensions(plugin, registry),
              plugin.origin(),
              warnings.about(plugin)));
    }
    session.problems().forEach(problem -> rows.add(refused(problem)));
    return new PluginList(rows);
  }

  private static Map<String, List<String>> extensions(
      LoadedPlugin plugin, ExtensionRegistry registry) {
    return registry.of(plugin).stream()
        .collect(
            Collectors.groupingBy(
                bound -> bound.extension().kind(),
                TreeMap::new,
                Collectors.mapping(BoundExtension::name, Collectors.toList())));
  }

  private static Row refused(PluginProblem problem) {
    return new Row(
        problem.name(),
        problem.version(),
        State.REFUSED,
        problem.api().packages(),
        Map.of(),
        problem.jar().toString(),
        problem.message());
  }

  @Override
  public String toText() {
    List<List<String>> cells = new ArrayList<>();
    cells.add(List.of("NAME", "VERSION", "STATE", "API", "JAR", "EXTENSIONS"));
    for (Row row : plugins) {
      cells.add(
          List.of(
              row.name(),
              row.version(),
              row.state().toString(),
              new ApiRange(row.api()).toString(),
              Path.of(row.jar()).getFileName().toString(),
              row.state() == State.ACTIVE ? row.extensionText() : row.message()));
    }
    return new TextTable(cells).toText();
  }
}
