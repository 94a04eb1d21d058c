package org.longlora4j.core.report;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.longlora4j.core.report.StudyResults.Cell;
import org.longlora4j.core.report.StudyResults.Outcome;

/**
 * A quantity that is measured of every model of a study.
 *
 * @param kind what
 * @param length at how many tokens
 */
record StudyMeasure(Kind kind, int length) {
  /** What is measured. */
  enum Kind {
    /** Lower is better. */
    PERPLEXITY,
    /** The share of passkeys found, over all depths. Higher is better. */
    PASSKEY
  }

  /** The measures that some model of a study has, perplexity first, each by length. */
  static List<StudyMeasure> of(StudyResults results) {
    return Stream.concat(
            measured(results)
                .flatMap(of -> of.perplexity().stream())
                .map(at -> new StudyMeasure(Kind.PERPLEXITY, at.length()))
                .distinct(),
            measured(results)
                .flatMap(of -> of.passkey().stream())
                .map(at -> new StudyMeasure(Kind.PASSKEY, at.length()))
                .distinct())
        .toList();
  }

  private static Stream<Measurements> measured(StudyResults results) {
    return results.runs().flatMap(run -> run.outcome().stream()).map(Outcome::measured);
  }

  String title() {
    return "%s at %s".formatted(kind.name().toLowerCase(Locale.ROOT), Figures.count(length));
  }

  /** Begins a key of JSON or a column of CSV. */
  String key() {
    return kind.name().toLowerCase(Locale.ROOT) + "_" + length;
  }

  /** Its value in one model. */
  OptionalDouble in(Measurements measured) {
    return kind == Kind.PERPLEXITY
        ? measured.perplexity().stream()
            .filter(at -> at.length() == length)
            .mapToDouble(Measurements.Perplexity::perplexity)
            .findFirst()
        : measured.passkey().stream()
            .filter(at -> at.length() == length)
            .mapToDouble(Measurements.Passkey::accuracy)
            .average();
  }

  /** Its spread over the seeds of a cell that are completed. */
  Optional<Spread> of(Cell cell) {
    return Spread.of(
        cell.completed()
            .flatMapToDouble(run -> in(run.outcome().orElseThrow().measured()).stream())
            .toArray());
  }

  /** One value as people read it. */
  String text(double value) {
    return String.format(Locale.ROOT, kind == Kind.PERPLEXITY ? "%.3f" : "%.2f", value);
  }

  /** Mean and, where there are several seeds, the range. */
  String text(Spread spread) {
    return spread.count() == 1
        ? text(spread.mean())
        : "%s (%s\u2013%s)"
            .formatted(text(spread.mean()), text(spread.least()), text(spread.most()));
  }
}
