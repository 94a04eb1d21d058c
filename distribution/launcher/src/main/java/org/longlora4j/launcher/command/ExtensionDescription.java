package org.longlora4j.launcher.command;

import static com.fasterxml.jackson.annotation.JsonInclude.Include.NON_EMPTY;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a name in a recipe stands for.
 *
 * @param kind what messages call the extension point
 * @param name what follows {@code use:}
 * @param plugin the plugin's name
 * @param version the plugin's
 * @param jar where it lies
 * @param options what a recipe may say beside the name
 * @param model the model that costs are told of; empty where none are
 * @param costs one for each case that was asked about
 * @param unknown why there are no costs, where there are none
 */
record ExtensionDescription(
    String kind,
    String name,
    String plugin,
    String version,
    String jar,
    List<Key> options,
    @JsonInclude(NON_EMPTY) String model,
    List<Cost> costs,
    @JsonInclude(NON_EMPTY) String unknown) {

  ExtensionDescription {
    options = List.copyOf(options);
    costs = List.copyOf(costs);
  }

  /**
   * An option.
   *
   * @param defaultValue as YAML; empty if there is none
   */
  record Key(
      String key,
      String type,
      boolean required,
      @JsonProperty("default") @JsonInclude(NON_EMPTY) String defaultValue,
      String description) {
    private List<String> cells() {
      String otherwise = required ? "required" : defaultValue.isEmpty() ? "-" : defaultValue;
      return List.of(key, type, otherwise, description);
    }
  }

  /**
   * One case.
   *
   * @param of what was asked about, for example {@code 16384 tokens}
   * @param refusals why it is not accepted, else empty
   * @param figures what it costs, by what they count
   */
  record Cost(
      String of, List<String> refusals, @JsonInclude(NON_EMPTY) Map<String, Number> figures) {
    private List<String> cells() {
      String accepted = refusals.isEmpty() ? "yes" : "no: " + String.join("; ", refusals);
      String costs =
          figures.entrySet().stream()
              .map(figure -> Figure.toText(figure.getKey(), figure.getValue()))
              .collect(Collectors.joining(", "));
      return List.of(of, accepted, costs);
    }
  }

  String toText() {
    List<String> lines = new ArrayList<>();
    lines.add("%s %s, of %s %s (%s)".formatted(kind, name, plugin, version, jar));
    if (options.isEmpty()) {
      lines.add("takes no options");
    } else {
      lines.add(table(List.of("OPTION", "TYPE", "DEFAULT", "MEANING"), keys()));
    }
    if (!costs.isEmpty()) {
      lines.add(table(List.of("OF " + model, "ACCEPTED", costly() ? "COSTS" : ""), cases()));
    }
    if (!unknown.isEmpty()) {
      lines.add(unknown);
    }
    return String.join("\n", lines);
  }

  private boolean costly() {
    return costs.stream().anyMatch(cost -> !cost.figures().isEmpty());
  }

  private List<List<String>> keys() {
    return options.stream().map(Key::cells).toList();
  }

  private List<List<String>> cases() {
    return costs.stream().map(Cost::cells).toList();
  }

  private static String table(List<String> headings, List<List<String>> rows) {
    List<List<String>> all = new ArrayList<>(List.of(headings));
    all.addAll(rows);
    return new TextTable(all).toText().indent(2).stripTrailing();
  }
}
