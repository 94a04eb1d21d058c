package org.longlora4j.launcher.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.plan.Alternatives.Alternative;
import org.longlora4j.core.plan.MemoryPlan;
import org.longlora4j.launcher.command.PlanCommand.Arithmetic;
import org.longlora4j.launcher.command.PlanCommand.Planned;

/** A plan as people read it: two tables, the verdict, and what would change it. */
final class PlanText {
  private static final double TERA = 1e12;

  private PlanText() {}

  static String of(Planned plan) {
    List<String> blocks =
        new ArrayList<>(
            List.of(heading(plan), memory(plan), arithmetic(plan.arithmetic()), verdict(plan)));
    if (!plan.alternatives().isEmpty()) {
      blocks.add(alternatives(plan));
    }
    return String.join("\n\n", blocks);
  }

  private static String heading(Planned plan) {
    String heading =
        String.format(
            Locale.ROOT,
            "%s: %d tokens of context, %,d tokens a step, %,d parameters train, %s; layers %s.",
            plan.recipe(),
            plan.context(),
            plan.tokensPerStep(),
            plan.trainedParameters(),
            name(plan.precision()),
            layers(plan));
    return plan.precisionMeasured()
        ? heading
            + "\ntraining.precision is auto: a machine that computes float32 faster takes that, to"
            + " be planned by --set training.precision=float32."
        : heading;
  }

  private static String layers(Planned plan) {
    return switch (plan.recompute()) {
      case ACTIVATIONS -> "keep their activations";
      case ALL_BUT_MLP -> "run their MLPs again in the backward pass";
      case ATTENTION -> "run again in the backward pass, but for attention";
      case INPUT -> "run again in the backward pass";
    };
  }

  private static String kept(Planned plan) {
    return switch (plan.recompute()) {
      case ACTIVATIONS -> "and all activations, of every layer";
      case ALL_BUT_MLP -> "and all activations but the MLP's, of every layer";
      case ATTENTION -> "and what attention gave, of every layer";
      case INPUT -> "kept of every layer";
    };
  }

  private static String name(Precision precision) {
    return precision.name().toLowerCase(Locale.ROOT);
  }

  private static String memory(Planned plan) {
    MemoryPlan memory = plan.memory();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("MEMORY", "", ""));
    rows.add(row("frozen weights", memory.frozenWeights(), ""));
    rows.add(row("scales", memory.scales(), "of quantized weights"));
    rows.add(row("read-back buffers", memory.readBackBuffers(), "of quantized weights"));
    rows.add(row("trained parameters", memory.trainedParameters(), "float32"));
    rows.add(row("gradients", memory.gradients(), "float32"));
    rows.add(row("optimizer state", memory.optimizerState(), ""));
    rows.add(row("rotary tables", memory.rotaryTables(), ""));
    rows.add(row("JVM and PyTorch", memory.process(), "before any tensor; Linux, two cores"));
    rows.add(row("layer inputs", memory.layerInputs(), kept(plan)));
    rows.add(row("one layer at work", memory.workingSet(), "or"));
    rows.add(row("logits chunk", memory.logitsChunk(), "whichever is more"));
    rows.add(row("update", memory.update(), "when layers hold nothing"));
    rows.add(row("TOTAL", plan.peakBytes(), "at the worst moment"));
    return new TextTable(rows).toText();
  }

  private static List<String> row(String part, long bytes, String note) {
    String amount = bytes == 0 ? "-" : MemorySize.text(bytes);
    return List.of(part, " ".repeat(Math.max(0, 8 - amount.length())) + amount, note);
  }

  private static String arithmetic(Arithmetic step) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "TFLOP A STEP", "NEEDED", "CARRIED OUT", "= FORWARD", "+ RECOMPUTATION", "+ BACKWARD"));
    for (Arithmetic.Part part : step.parts()) {
      rows.add(
          List.of(
              part.name().name().toLowerCase(Locale.ROOT),
              tera(part.needed()),
              tera(part.carriedOut()),
              tera(part.forward()),
              tera(part.recomputation()),
              tera(part.backward())));
    }
    rows.add(
        List.of(
            "TOTAL",
            tera(step.needed()),
            tera(step.carriedOut()),
            tera(sum(step, Arithmetic.Part::forward)),
            tera(sum(step, Arithmetic.Part::recomputation)),
            tera(sum(step, Arithmetic.Part::backward))));
    return new TextTable(rows).toText();
  }

  private static long sum(Arithmetic step, ToLongFunction<Arithmetic.Part> of) {
    return step.parts().stream().mapToLong(of).sum();
  }

  private static String tera(long operations) {
    double amount = operations / TERA;
    return operations == 0 ? "-" : String.format(Locale.ROOT, amount < 1 ? "%.2g" : "%.1f", amount);
  }

  private static String verdict(Planned plan) {
    String limit =
        MemorySize.text(plan.memoryBytes())
            + (plan.thisMachine() ? ", which this machine can give at present" : "");
    return plan.fits()
        ? "It fits into %s.".formatted(limit)
        : "It does NOT fit into %s: %s are missing."
            .formatted(limit, MemorySize.text(plan.peakBytes() - plan.memoryBytes()));
  }

  private static String alternatives(Planned plan) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("WHAT IT WOULD TAKE WITH", "", ""));
    for (Alternative alternative : plan.alternatives()) {
      String settings =
          alternative.settings().stream()
              .map(setting -> "--set " + RecipeOptions.quoted(setting))
              .collect(Collectors.joining(" "));
      rows.add(
          List.of(
              MemorySize.text(alternative.peakBytes()),
              alternative.fits() ? "fits" : "",
              settings));
    }
    return new TextTable(rows).toText();
  }
}
