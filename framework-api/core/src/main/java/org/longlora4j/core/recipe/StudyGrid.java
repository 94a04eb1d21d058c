package org.longlora4j.core.recipe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** What varies in a study: named cells, each at every point of the axes. */
final class StudyGrid {
  static final String CELLS = "cells";
  static final String AXES = "axes";
  private static final String SET = "set";
  private static final String LABELS =
      "must be a map of labels to values, since a label cannot be made of it";

  private final OptionsBinder binder;
  private final RecipeProblems problems;

  /**
   * One point.
   *
   * @param label its name
   * @param place where it stands
   * @param settings maps to put above the base recipe, in this order
   */
  record Point(
      String label,
      Place place,
      boolean trained,
      OptionalDouble paper,
      List<YamlNode.Mapping> settings) {
    private Point at(String further, YamlNode.Mapping setting) {
      List<YamlNode.Mapping> all = new ArrayList<>(settings);
      all.add(setting);
      String joined = label.isEmpty() ? further : label + ", " + further;
      return new Point(joined, place, trained, paper, all);
    }
  }

  StudyGrid(OptionsBinder binder, RecipeProblems problems) {
    this.binder = binder;
    this.problems = problems;
  }

  /** The points in the order of the file, the last axis fastest. */
  List<Point> points(YamlNode.Mapping study) {
    Optional<YamlNode.Mapping> cells = map(study, CELLS);
    Optional<YamlNode.Mapping> axes = map(study, AXES);
    if (cells.isEmpty() && axes.isEmpty()) {
      problems.report(
          Mistake.MISSING_OPTION,
          study.place(),
          CELLS,
          "is missing, must be a map of labels to what each cell sets; or give axes");
    }
    List<Point> points = new ArrayList<>();
    if (cells.isPresent()) {
      cells.get().entries().forEach((label, entry) -> cell(label, entry, points, axes.isEmpty()));
    } else {
      points.add(new Point("", study.place(), true, OptionalDouble.empty(), List.of()));
    }
    List<Point> crossed = points;
    for (Map.Entry<String, YamlNode.Entry> axis :
        axes.map(YamlNode.Mapping::entries).orElse(Map.of()).entrySet()) {
      crossed = cross(crossed, axis.getKey(), axis.getValue().value());
    }
    return crossed;
  }

  private Optional<YamlNode.Mapping> map(YamlNode.Mapping study, String key) {
    Optional<YamlNode> node = study.get(key);
    if (node.isPresent() && !isFilled(node.get())) {
      problems.report(
          Mistake.WRONG_VALUE,
          node.get().place(),
          key,
          "is %s, must be a map with at least one entry".formatted(node.get().found()));
    }
    return node.filter(StudyGrid::isFilled).map(YamlNode.Mapping.class::cast);
  }

  private static boolean isFilled(YamlNode node) {
    return node instanceof YamlNode.Mapping map && !map.entries().isEmpty();
  }

  private void cell(String label, YamlNode.Entry entry, List<Point> to, boolean alone) {
    String path = CELLS + "." + label;
    YamlNode node =
        entry.value() instanceof YamlNode.Absent absent
            ? new YamlNode.Mapping(absent.place(), Map.of())
            : entry.value();
    if (!(node instanceof YamlNode.Mapping map)) {
      problems.report(
          Mistake.WRONG_VALUE,
          node.place(),
          path,
          "is %s, must be a map such as {set: {training.steps: 20}}".formatted(node.found()));
      return;
    }
    YamlNode.Mapping none = new YamlNode.Mapping(map.place(), Map.of());
    YamlNode set = map.get(SET).orElse(none);
    if (!(set instanceof YamlNode.Mapping settings)) {
      problems.report(
          Mistake.WRONG_VALUE,
          set.place(),
          path + "." + SET,
          "is %s, must be a map of recipe keys".formatted(set.found()));
      return;
    }
    binder
        .bind(StudySections.Cell.class, map, path, Set.of(SET))
        .ifPresent(
            cell -> {
              if (cell.paper().isPresent() && !alone) {
                problems.report(
                    Mistake.CONTRADICTION,
                    map.place(),
                    path + ".paper",
                    "is one number, but with axes the cell stands in several rows; remove it");
              }
              to.add(
                  new Point(
                      label, entry.keyPlace(), cell.train(), cell.paper(), List.of(settings)));
            });
  }

  private List<Point> cross(List<Point> points, String key, YamlNode axis) {
    Map<String, YamlNode> values = values(key, axis);
    List<Point> crossed = new ArrayList<>();
    for (Point point : points) {
      values.forEach(
          (label, value) -> crossed.add(point.at(label, YamlNode.Mapping.of(key, value))));
    }
    return crossed;
  }

  private Map<String, YamlNode> values(String key, YamlNode axis) {
    Map<String, YamlNode> values = new LinkedHashMap<>();
    if (axis instanceof YamlNode.Mapping map) {
      map.entries().forEach((label, entry) -> values.put(label, entry.value()));
    } else if (axis instanceof YamlNode.Sequence list) {
      for (YamlNode item : list.items()) {
        label(key, item)
            .ifPresentOrElse(
                label -> values.put(label, item),
                () ->
                    problems.report(
                        Mistake.WRONG_VALUE,
                        item.place(),
                        AXES + "." + key,
                        "has %s: %s".formatted(item.found(), LABELS)));
      }
    }
    if (values.isEmpty()) {
      problems.report(
          Mistake.WRONG_VALUE,
          axis.place(),
          AXES + "." + key,
          "is %s, must be a list of values or a map of labels to values".formatted(axis.found()));
    }
    return values;
  }

  /** A word is its own label; a number needs the key before it. */
  private static Optional<String> label(String key, YamlNode value) {
    String name = key.substring(key.lastIndexOf('.') + 1);
    return value instanceof YamlNode.Scalar scalar
        ? Optional.of(scalar.value() instanceof String ? scalar.text() : name + " " + scalar.text())
        : Optional.empty();
  }
}
