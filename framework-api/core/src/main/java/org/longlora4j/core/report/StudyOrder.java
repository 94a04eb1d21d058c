package org.longlora4j.core.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.longlora4j.core.report.StudyMeasure.Kind;
import org.longlora4j.core.report.StudyResults.Cell;

/**
 * Which cells of a study came out better.
 *
 * <p>Cells are compared by their mean perplexity at their own context if it was measured, else at
 * the longest length; those with one length are compared with each other.
 */
final class StudyOrder {
  private final Map<Integer, List<Ranked>> groups;

  /** A cell with what it is ranked by. */
  record Ranked(Cell cell, Spread spread) {}

  private StudyOrder(Map<Integer, List<Ranked>> groups) {
    this.groups = groups;
  }

  static StudyOrder of(StudyResults results) {
    List<Integer> lengths =
        StudyMeasure.of(results).stream()
            .filter(measure -> measure.kind() == Kind.PERPLEXITY)
            .map(StudyMeasure::length)
            .toList();
    Map<Integer, List<Ranked>> groups = new LinkedHashMap<>();
    int longest = lengths.stream().mapToInt(Integer::intValue).max().orElse(0);
    for (Cell cell : results.cells()) {
      int length = lengths.contains(cell.context()) ? cell.context() : longest;
      new StudyMeasure(Kind.PERPLEXITY, length)
          .of(cell)
          .ifPresent(
              spread ->
                  groups
                      .computeIfAbsent(length, any -> new ArrayList<>())
                      .add(new Ranked(cell, spread)));
    }
    groups.values().forEach(g -> g.sort(Comparator.comparingDouble(r -> r.spread().mean())));
    return new StudyOrder(groups);
  }

  /** The place of a cell among those it is compared with, from 1; empty if it has no value. */
  OptionalInt place(Cell cell) {
    for (List<Ranked> group : groups.values()) {
      for (int i = 0; i < group.size(); i++) {
        if (group.get(i).cell().equals(cell)) {
          return OptionalInt.of(i + 1);
        }
      }
    }
    return OptionalInt.empty();
  }

  /** What the order is, and how it compares with the paper's, in sentences. */
  List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    groups.forEach(
        (length, group) -> {
          if (group.size() > 1) {
            sentences.add(
                "Perplexity at %s tokens, the lowest first: %s."
                    .formatted(Figures.count(length), inWords(group)));
          }
          paper(group).ifPresent(sentences::add);
        });
    return sentences;
  }

  private static String inWords(List<Ranked> group) {
    StringBuilder words = new StringBuilder(group.get(0).cell().label());
    for (int i = 1; i < group.size(); i++) {
      boolean apart = !group.get(i - 1).spread().overlaps(group.get(i).spread());
      words.append(apart ? " < " : " \u2248 ").append(group.get(i).cell().label());
    }
    return words.toString();
  }

  private static Optional<String> paper(List<Ranked> group) {
    List<Ranked> known =
        group.stream()
            .filter(ranked -> ranked.cell().paper().isPresent())
            .sorted(Comparator.comparingDouble(r -> r.cell().paper().getAsDouble()))
            .toList();
    if (known.size() < 2) {
      return Optional.empty();
    }
    String order =
        "The paper's order of these: %s."
            .formatted(
                known.stream().map(r -> r.cell().label()).collect(Collectors.joining(" < ")));
    List<String> turned = new ArrayList<>();
    for (int i = 0; i < known.size(); i++) {
      for (Ranked worse : known.subList(i + 1, known.size())) {
        turned(known.get(i), worse).ifPresent(turned::add);
      }
    }
    return Optional.of(
        order
            + (turned.isEmpty()
                ? " It holds here."
                : " It does not hold here: %s.".formatted(String.join("; ", turned))));
  }

  /** What is to be said of two cells, the first of which is better in the paper. */
  private static Optional<String> turned(Ranked better, Ranked worse) {
    boolean equalInPaper =
        better.cell().paper().getAsDouble() == worse.cell().paper().getAsDouble();
    if (equalInPaper || better.spread().mean() < worse.spread().mean()) {
      return Optional.empty();
    }
    String words = worse.cell().label() + " is ahead of " + better.cell().label();
    return Optional.of(
        better.spread().overlaps(worse.spread())
            ? words + ", within the range of the seeds"
            : words);
  }
}
