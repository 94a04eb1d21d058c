package org.longlora4j.launcher.command;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.longlora4j.launcher.command.BenchCommand.Benched;
import org.longlora4j.launcher.command.BenchCommand.Comparison;
import org.longlora4j.launcher.command.BenchCommand.Measured;

/** Measurements as people read them: the machine, the step, and where its time goes. */
final class BenchText {
  private static final double NOTABLE_DRIFT = 0.1;
  private static final String NONE = "-";

  private final Benched benched;
  private final Optional<Comparison> comparison;

  private BenchText(Benched benched) {
    this.benched = benched;
    this.comparison = Optional.ofNullable(benched.comparison());
  }

  static String of(Benched benched) {
    BenchText text = new BenchText(benched);
    List<String> blocks = new ArrayList<>(List.of(text.machine(), text.steps(), text.phases()));
    if (Math.abs(benched.productGflopsAfter() / benched.ceilings().productGflops() - 1)
        > NOTABLE_DRIFT) {
      blocks.add(text.drift());
    }
    return String.join("\n\n", blocks);
  }

  private String machine() {
    return new TextTable(
            List.of(
                List.of("MACHINE", "AT MOST", ""),
                List.of(
                    "float32 product",
                    format("%.0f GFLOP/s", benched.ceilings().float32Gflops()),
                    ""),
                List.of(
                    "bfloat16 product",
                    format("%.0f GFLOP/s", benched.ceilings().bfloat16Gflops()),
                    ""),
                List.of(
                    "memory copy",
                    format("%.1f GB/s", benched.ceilings().copyGigabytesPerSecond()),
                    "read and written"),
                List.of("engine", benched.engine(), benched.threads() + " threads"),
                List.of("allocator", benched.allocator(), "")))
        .toText();
  }

  private String steps() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(heading("STEP", benched.recipe().getFileName().toString()));
    rows.add(row("tokens", m -> format("%,d", m.tokensPerStep()), NONE));
    rows.add(row("precision", BenchText::precision, NONE));
    rows.add(row("layers", BenchText::layers, NONE));
    rows.add(
        row("median time", m -> format("%.3f s", m.stepSeconds()), ratio(Comparison::timeRatio)));
    rows.add(row("from … to", BenchText::range, NONE));
    rows.add(row("tokens a second", m -> format("%,.0f", m.tokensPerSecond()), NONE));
    rows.add(
        row(
            "necessary arithmetic",
            m -> format(m.neededGflop() < 100 ? "%.3g GFLOP" : "%,.0f GFLOP", m.neededGflop()),
            ratio(Comparison::arithmeticRatio)));
    rows.add(row("utilisation", m -> format("%.3f", m.utilisation()), NONE));
    rows.add(
        row(
            "memory of the model",
            m -> MemorySize.text(m.modelMemoryBytes()),
            ratio(Comparison::memoryRatio)));
    rows.add(row("memory of the process", m -> MemorySize.text(m.peakMemoryBytes()), NONE));
    return new TextTable(rows).toText();
  }

  private static String precision(Measured measured) {
    String name = measured.precision().name().toLowerCase(Locale.ROOT);
    return measured.precisionMeasured() ? name + ", measured faster" : name;
  }

  private static String layers(Measured measured) {
    return switch (measured.recompute()) {
      case ACTIVATIONS -> "keep activations";
      case ALL_BUT_MLP -> "run their MLPs again";
      case ATTENTION -> "run again but for attention";
      case INPUT -> "run again";
    };
  }

  private static String range(Measured measured) {
    return format(
        "%.3f … %.3f s", Collections.min(measured.seconds()), Collections.max(measured.seconds()));
  }

  private String phases() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(heading("WHERE THE TIME GOES", "SHARE"));
    for (Map.Entry<String, Double> phase : benched.measured().phaseSeconds().entrySet()) {
      String name = phase.getKey();
      String ratio = ratio(c -> c.measured().phaseSeconds().get(name) / phase.getValue());
      rows.add(
          row(
              name.equals("jvm") ? "JVM" : name,
              m ->
                  format(
                      "%5.1f %%  %.3f s", 100 * m.phases().get(name), m.phaseSeconds().get(name)),
              phase.getValue() > 0 ? ratio : NONE));
    }
    return new TextTable(rows).toText();
  }

  private String drift() {
    return format(
        "The faster product ran at %.0f GFLOP/s before the steps and at %.0f after them: something"
            + " else was at work, measure again on an idle machine.",
        benched.ceilings().productGflops(), benched.productGflopsAfter());
  }

  private List<String> heading(String first, String second) {
    return comparison
        .map(c -> List.of(first, second, String.join(" ", c.settings()), "RATIO"))
        .orElse(List.of(first, second));
  }

  private List<String> row(String name, Function<Measured, String> cell, String ratio) {
    String first = cell.apply(benched.measured());
    return comparison
        .map(c -> List.of(name, first, cell.apply(c.measured()), ratio))
        .orElse(List.of(name, first));
  }

  private String ratio(Function<Comparison, Double> of) {
    return comparison.map(c -> format("%.3f", of.apply(c))).orElse(NONE);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
