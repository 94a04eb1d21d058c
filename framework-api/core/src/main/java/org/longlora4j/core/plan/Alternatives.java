package org.longlora4j.core.plan;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.train.Optimizer;
import org.longlora4j.core.plugin.Choice;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.RecipeWriter;

/**
 * What would make a run smaller: settings of the recipe, each planned anew.
 *
 * <p>Nothing is assumed of an extension. Every quantizer and optimizer that there is is tried, and
 * counts if the plan gets smaller by it.
 */
public final class Alternatives {
  private static final int EIGHTHS = 8;
  private static final String RECOMPUTE = "training.recompute=true";

  private final SetRecipe recipe;
  private final ExtensionRegistry registry;
  private final long memoryBytes;

  /** The recipe at hand with further settings above it. */
  @FunctionalInterface
  public interface SetRecipe {
    /**
     * Reads the recipe.
     *
     * @param settings each {@code KEY=VALUE}
     * @throws InvalidInputException if it is not valid under them
     */
    Recipe with(List<String> settings);
  }

  /**
   * One way to make the run smaller.
   *
   * @param settings to be given with {@code --set}
   * @param peakBytes what the run takes under them
   * @param fits whether that is within the memory
   */
  public record Alternative(List<String> settings, long peakBytes, boolean fits) {
    /** Copies the settings. */
    public Alternative {
      settings = List.copyOf(settings);
    }
  }

  /**
   * Alternatives to a recipe.
   *
   * @param recipe reads it
   * @param registry all extensions
   * @param memoryBytes what the run should fit into
   */
  public Alternatives(SetRecipe recipe, ExtensionRegistry registry, long memoryBytes) {
    this.recipe = recipe;
    this.registry = registry;
    this.memoryBytes = memoryBytes;
  }

  /**
   * All that are smaller than the recipe as it stands: single changes, those of them together that
   * leave alone what trains, and the longest context, in eighths, that fits alone or with them.
   */
  public List<Alternative> find() {
    Recipe asItStands = recipe.with(List.of());
    long bytes = RunPlan.of(asItStands, registry, memoryBytes).memory().peak();
    List<Alternative> found = new ArrayList<>();
    Set<String> together = new LinkedHashSet<>();
    for (List<List<String>> kind : kinds(asItStands)) {
      List<Alternative> smaller = smaller(kind, bytes);
      found.addAll(smaller);
      smallest(smaller).ifPresent(best -> together.addAll(best.settings()));
    }
    found.addAll(smaller(adapters(asItStands), bytes));
    shorter(asItStands, List.of()).ifPresent(found::add);
    if (found.size() > 1) {
      addTogether(asItStands, List.copyOf(together), bytes, found);
    }
    return found;
  }

  private void addTogether(
      Recipe asItStands, List<String> together, long bytes, List<Alternative> found) {
    Optional<Alternative> all = smallerUnder(together, bytes);
    if (all.isPresent() && found.stream().noneMatch(all.get()::equals)) {
      found.add(all.get());
    }
    if (all.isPresent() && !all.get().fits()) {
      shorter(asItStands, together).ifPresent(found::add);
    }
  }

  /** Changes of a kind, of which one can be taken. */
  private List<List<List<String>>> kinds(Recipe asItStands) {
    int batch = asItStands.training().batchSize();
    int accumulate = asItStands.training().accumulate();
    return List.of(
        List.of(List.of(RECOMPUTE)),
        List.of(List.of("training.precision=bfloat16")),
        List.of(List.of("training.batch-size=1", "training.accumulate=" + batch * accumulate)),
        quantizers(asItStands),
        others("training.optimizer", Optimizer.class, asItStands.training().optimizer()));
  }

  /** Quantized weights are read back layer by layer, so that layers must run again. */
  private List<List<String>> quantizers(Recipe asItStands) {
    List<List<String>> others =
        others("quantization", WeightQuantizer.class, asItStands.quantization());
    return asItStands.training().recompute().isForQuantized()
        ? others
        : others.stream().map(settings -> List.of(RECOMPUTE, settings.get(0))).toList();
  }

  /** Other strategies; an adapter that training goes on from has its own. */
  private List<List<String>> adapters(Recipe asItStands) {
    return asItStands.startFrom().isPresent()
        ? List.of()
        : others("adapter", AdapterStrategy.class, asItStands.adapter());
  }

  /** Every other extension of a point, with the options that it shares with what is chosen. */
  private <T> List<List<String>> others(String section, Class<T> point, Choice<T> chosen) {
    return registry.names(point).stream()
        .filter(name -> !name.equals(chosen.name()))
        .map(name -> registry.find(point, name).orElseThrow())
        .map(other -> List.of(section + "=" + RecipeWriter.carriedOver(chosen, other)))
        .toList();
  }

  private List<Alternative> smaller(List<List<String>> candidates, long bytes) {
    return candidates.stream().flatMap(settings -> smallerUnder(settings, bytes).stream()).toList();
  }

  /** Of equally small ones, the last by name. */
  private static Optional<Alternative> smallest(List<Alternative> alternatives) {
    return alternatives.stream()
        .reduce((one, other) -> one.peakBytes() < other.peakBytes() ? one : other);
  }

  private Optional<Alternative> shorter(Recipe asItStands, List<String> settings) {
    return IntStream.iterate(EIGHTHS - 1, part -> part > 0, part -> part - 1)
        .map(part -> asItStands.context() / EIGHTHS * part)
        .filter(context -> context > 0)
        .mapToObj(context -> Stream.concat(settings.stream(), Stream.of("context=" + context)))
        .flatMap(all -> smallerUnder(all.toList(), Long.MAX_VALUE).stream())
        .filter(Alternative::fits)
        .findFirst();
  }

  /** The recipe under some settings, if it is valid under them and smaller than so many bytes. */
  private Optional<Alternative> smallerUnder(List<String> settings, long bytes) {
    try {
      long peak = RunPlan.of(recipe.with(settings), registry, memoryBytes).memory().peak();
      return Optional.of(new Alternative(settings, peak, peak <= memoryBytes))
          .filter(alternative -> alternative.peakBytes() < bytes);
    } catch (InvalidInputException e) {
      return Optional.empty(); // not every change goes with every recipe
    }
  }
}
