package org.longlora4j.core.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.longlora4j.core.data.DataReport;
import org.longlora4j.core.report.RunFiles.HeldOut;
import org.longlora4j.core.report.RunFiles.Step;

/** The facts at the top of the page. */
final class Headline {
  private final RunFiles run;
  private final Optional<RunSummary> summary;

  /** A named fact; the remark may be empty. */
  record Fact(String name, String value, String remark) {}

  /** How the run ended; the style is a class of the style sheet. */
  record Status(String style, String text) {}

  Headline(RunFiles run) {
    this.run = run;
    this.summary = run.summary();
  }

  Status status() {
    String taken = stepsTaken();
    return summary
        .map(
            ended ->
                new Status(
                    ended.ending().name().toLowerCase(Locale.ROOT),
                    switch (ended.ending()) {
                      case COMPLETED -> "Completed: " + taken + ".";
                      case STOPPED -> "Stopped early: " + taken + "; the state is saved.";
                      case FAILED ->
                          "Failed: " + taken + ". " + ended.failure().orElse("No reason is known.");
                    }))
        .orElseGet(() -> new Status("stopped", "Not ended: " + taken + "."));
  }

  private String stepsTaken() {
    String wanted =
        summary
            .map(s -> Figures.count(s.steps()))
            .or(() -> run.value("training", "steps"))
            .orElse("?");
    return "%s of %s steps".formatted(Figures.count(lastStep()), wanted);
  }

  private int lastStep() {
    return run.steps().isEmpty() ? 0 : run.steps().get(run.steps().size() - 1).step();
  }

  String lead() {
    String parts =
        "%s attention, %s adapter, %s position scaling"
            .formatted(use("attention"), use("adapter"), use("position"));
    return summary
        .filter(known -> context() > known.originalContext())
        .map(
            known ->
                "The context of %s extended from %s to %s tokens: %s."
                    .formatted(
                        model(),
                        Figures.count(known.originalContext()),
                        Figures.count(context()),
                        parts))
        .orElseGet(
            () ->
                "%s trained on rows of %s tokens: %s."
                    .formatted(model(), Figures.count(context()), parts));
  }

  private String model() {
    String path = run.value("model").orElse("A model");
    Path name = Path.of(path).getFileName();
    return name == null ? path : name.toString();
  }

  private int context() {
    return run.value("context").map(Integer::parseInt).orElse(0);
  }

  /** The name that a section of the recipe chose. */
  private String use(String section) {
    return run.value(section, "use").or(() -> run.value(section)).orElse("unknown");
  }

  List<Fact> facts() {
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact("Model", model(), ""));
    facts.add(contextFact());
    facts.add(
        new Fact(
            "Composition",
            "%s · %s · %s".formatted(use("attention"), use("adapter"), use("position")),
            "attention · adapter · position; quantization %s, optimizer %s"
                .formatted(
                    use("quantization"),
                    run.value("training", "optimizer", "use").orElse("unknown"))));
    summary.ifPresent(known -> facts.add(parametersFact(known)));
    facts.add(stepsFact());
    if (!run.steps().isEmpty()) {
      facts.add(lossFact());
    }
    summary.ifPresent(
        known -> {
          facts.add(documentsFact(known.data()));
          facts.add(new Fact("Time", Figures.duration(known.seconds()), speed()));
          facts.add(
              new Fact(
                  "Peak memory",
                  Figures.bytes((double) known.peakMemoryBytes()),
                  "largest resident memory of the process"));
        });
    return facts;
  }

  private static Fact documentsFact(DataReport data) {
    return new Fact(
        "Documents read",
        Figures.count(data.documents()),
        data.leftOut().total() == 0 ? "none left out" : "left out: " + data.leftOut().inWords());
  }

  private Fact contextFact() {
    String target = Figures.count(context());
    return summary
        .map(
            known ->
                new Fact(
                    "Context",
                    Figures.count(known.originalContext()) + " → " + target,
                    "tokens, before → after (×%s)"
                        .formatted(Figures.number((double) context() / known.originalContext()))))
        .orElseGet(() -> new Fact("Context", target, "tokens"));
  }

  private static Fact parametersFact(RunSummary known) {
    return new Fact(
        "Trained parameters",
        Figures.count(known.trainableParameters()),
        "%s of %s"
            .formatted(
                Figures.percent((double) known.trainableParameters() / known.totalParameters()),
                Figures.count(known.totalParameters())));
  }

  private Fact stepsFact() {
    return new Fact(
        "Steps",
        Figures.count(lastStep()),
        summary
            .map(
                known ->
                    "of %s tokens, %s in all"
                        .formatted(
                            Figures.count(known.tokensPerStep()),
                            Figures.count(known.tokensPerStep() * lastStep())))
            .orElse(""));
  }

  private Fact lossFact() {
    List<Step> steps = run.steps();
    List<HeldOut> heldOut = run.heldOut();
    String held =
        heldOut.isEmpty()
            ? ""
            : "; held out %s → %s"
                .formatted(
                    Figures.loss(heldOut.get(0).loss()),
                    Figures.loss(heldOut.get(heldOut.size() - 1).loss()));
    return new Fact(
        "Loss",
        "%s → %s"
            .formatted(
                Figures.loss(steps.get(0).loss()),
                Figures.loss(steps.get(steps.size() - 1).loss())),
        "nats a token, first → last step" + held);
  }

  private String speed() {
    double[] speeds = run.steps().stream().mapToDouble(Step::tokensPerSecond).sorted().toArray();
    return speeds.length == 0
        ? ""
        : Figures.number(speeds[speeds.length / 2]) + " tokens/s, the median step";
  }
}
