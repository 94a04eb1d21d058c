package org.longlora4j.launcher.command;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.longlora4j.core.model.FrequencyComparison;

/** The wavelengths of a recipe's model, before and after, with a bar for how far each stretches. */
record FrequencyTable(@JsonUnwrapped FrequencyComparison comparison) implements Result {
  private static final int BAR = 24;

  @Override
  public String toText() {
    String head =
        String.format(
            Locale.ROOT,
            "original length  %d tokens%ncontext          %d tokens%nbefore           %s%nafter"
                + "            %s%n",
            comparison.originalLength(),
            comparison.context(),
            scaling(comparison.before(), comparison.attentionScalingBefore()),
            scaling(comparison.after(), comparison.attentionScalingAfter()));
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("dimensions", "wavelength before", "after", "stretch", ""));
    comparison.dimensions().forEach(pair -> rows.add(row(pair)));
    return head + System.lineSeparator() + new TextTable(rows).toText();
  }

  private static String scaling(Map<String, Object> keys, double attention) {
    String text =
        keys.entrySet().stream()
            .filter(entry -> !(entry.getValue() instanceof List))
            .map(
                entry ->
                    entry.getKey().equals("rope_type")
                        ? entry.getValue().toString()
                        : entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", "));
    return attention == 1
        ? text
        : text + String.format(Locale.ROOT, "; cosine and sine times %.4f", attention);
  }

  private List<String> row(FrequencyComparison.Pair pair) {
    return List.of(
        pair.dimension() + ", " + (pair.dimension() + comparison.rotaryDim() / 2),
        String.format(Locale.ROOT, "%.2f", pair.wavelengthBefore()),
        String.format(Locale.ROOT, "%.2f", pair.wavelengthAfter()),
        String.format(Locale.ROOT, "%.3f", pair.stretch()),
        "#".repeat(bar(pair.stretch())));
  }

  /** In proportion to the stretch's logarithm; the longest bar is the greatest stretch's. */
  private int bar(double stretch) {
    double most =
        comparison.dimensions().stream()
            .mapToDouble(FrequencyComparison.Pair::stretch)
            .max()
            .orElse(1);
    return stretch <= 1 ? 0 : (int) Math.round(BAR * Math.log(stretch) / Math.log(most));
  }
}
