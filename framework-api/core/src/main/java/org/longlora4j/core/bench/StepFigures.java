package org.longlora4j.core.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.model.Kept;
import org.longlora4j.core.plan.StepArithmetic;

/**
 * What was measured of one recipe's steps.
 *
 * @param precision the number format of frozen weights and activations
 * @param precisionMeasured whether the recipe left it to the machine, which chose the faster one
 * @param kept what layers keep until the backward pass
 * @param tokensPerStep tokens that one step goes through
 * @param seconds of each measured step, in their order
 * @param arithmetic of one step, by part
 * @param modelMemoryBytes by how much the resident memory of the process had grown at its peak
 *     since before the model was loaded
 * @param peakMemoryBytes largest resident memory of the process since then
 * @param phaseSeconds of a step that was timed inside, by stage
 */
public record StepFigures(
    Precision precision,
    boolean precisionMeasured,
    Kept kept,
    long tokensPerStep,
    List<Double> seconds,
    StepArithmetic arithmetic,
    long modelMemoryBytes,
    long peakMemoryBytes,
    Map<String, Double> phaseSeconds) {
  private static final double GIGA = 1e9;

  /** Copies seconds and phases. */
  public StepFigures {
    seconds = List.copyOf(seconds);
    phaseSeconds = new LinkedHashMap<>(phaseSeconds);
  }

  /** The median of the steps' times. */
  public double stepSeconds() {
    return median(seconds);
  }

  /** By the median step. */
  public double tokensPerSecond() {
    return tokensPerStep / stepSeconds();
  }

  /** What a step cannot do without, in 10⁹ operations. */
  public double neededGflop() {
    return arithmetic.neededByModel() / GIGA;
  }

  /**
   * The necessary operations a second, as a fraction of the rate of the machine's fastest product.
   */
  public double utilisation(Ceilings ceilings) {
    return neededGflop() / stepSeconds() / ceilings.productGflops();
  }

  /** The share of each stage in a step that was timed inside; together 1. */
  public Map<String, Double> phases() {
    double all = phaseSeconds.values().stream().mapToDouble(Double::doubleValue).sum();
    Map<String, Double> shares = new LinkedHashMap<>();
    phaseSeconds.forEach((stage, taken) -> shares.put(stage, taken / all));
    return shares;
  }

  static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return Arrays.stream(sorted, (sorted.length - 1) / 2, sorted.length / 2 + 1)
        .average()
        .orElseThrow();
  }
}
