package org.longlora4j.launcher.command;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.evaluate.Verification;
import org.longlora4j.core.model.CausalLanguageModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares a model's logits with another implementation's. */
@Command(
    name = "verify",
    description = {
      "Compares the model's logits with expected ones.",
      "Exits with 0 if the largest difference, over the largest magnitude expected, is within the"
          + " tolerance, else with 1."
    })
final class VerifyCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private ModelOptions model;
  @Mixin private ModelOptions.PrecisionOption precision;
  @Mixin private ResultFormat format;

  @Option(
      names = "--expected",
      required = true,
      paramLabel = "FILE",
      description =
          "A safetensors file with input_ids (rows, length) and logits (rows, length, vocabulary).")
  private Path expected;

  @Option(
      names = "--tolerance",
      defaultValue = "1e-3",
      description = "The largest relative difference allowed. Default: ${DEFAULT-VALUE}.")
  private double tolerance;

  VerifyCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (AdaptedCheckpoint checkpoint = model.open(session);
        CausalLanguageModel loaded = checkpoint.load(precision.precision())) {
      Verification.Result result = new Verification(session.engine()).compare(loaded, expected);
      boolean within = result.relativeDifference() <= tolerance;
      session
          .output()
          .print(
              format,
              new Verified(
                  result.largestDifference(),
                  result.relativeDifference(),
                  tolerance,
                  within,
                  result.positions()));
      return within ? ExitCode.OK : ExitCode.SOFTWARE;
    }
  }

  /** How far the model is from what was expected. */
  record Verified(
      double largestDifference,
      double relativeDifference,
      double tolerance,
      boolean within,
      long positions)
      implements Result {
    @Override
    public String toText() {
      return String.format(
          Locale.ROOT,
          "largest absolute difference %.3e%nrelative difference       %.3e, %s the tolerance %.1e"
              + "%npositions compared        %d",
          largestDifference,
          relativeDifference,
          within ? "within" : "NOT within",
          tolerance,
          positions);
    }
  }
}
