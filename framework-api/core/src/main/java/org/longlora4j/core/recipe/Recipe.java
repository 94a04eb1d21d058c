package org.longlora4j.core.recipe;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.core.data.Packing;
import org.longlora4j.core.plugin.Choice;

/**
 * A validated recipe: what to train, on what, and how. All paths are absolute.
 *
 * @param file the recipe file
 * @param model what training starts from
 * @param output the run directory
 * @param context the target context length in tokens
 * @param attention which positions a query attends to during training
 * @param startFrom the folder of an adapter in PEFT's format to go on from
 * @param adapter which parameters train, and what wraps a frozen projection
 * @param position how rotary frequencies change for the new length
 * @param quantization how frozen weights are stored
 * @param data where the training documents come from
 * @param pack how documents become rows of {@code context} tokens
 * @param training how the model is trained
 * @param evaluation when and on what the held-out loss is measured; empty for never
 * @param listeners who watches the steps, beside the framework itself
 * @param places where each part stands in the user's files
 */
public record Recipe(
    Path file,
    ModelStart model,
    Path output,
    int context,
    Choice<AttentionPattern> attention,
    Optional<Path> startFrom,
    Choice<AdapterStrategy> adapter,
    Choice<PositionalScaling> position,
    Choice<WeightQuantizer> quantization,
    Choice<DocumentSource> data,
    Packing pack,
    TrainingOptions training,
    Optional<EvaluationOptions> evaluation,
    List<Choice<TrainingListener>> listeners,
    RecipePlaces places) {
  /**
   * Requires all parts.
   *
   * @throws IllegalArgumentException if {@code context} is not positive
   */
  public Recipe {
    requireNonNull(file, "file is null");
    requireNonNull(model, "model is null");
    requireNonNull(output, "output is null");
    requireNonNull(attention, "attention is null");
    requireNonNull(startFrom, "startFrom is null");
    requireNonNull(adapter, "adapter is null");
    requireNonNull(position, "position is null");
    requireNonNull(quantization, "quantization is null");
    requireNonNull(data, "data is null");
    requireNonNull(pack, "pack is null");
    requireNonNull(training, "training is null");
    requireNonNull(evaluation, "evaluation is null");
    listeners = List.copyOf(listeners);
    requireNonNull(places, "places is null");
    if (context < 1) {
      throw new IllegalArgumentException("context is " + context + ", must be positive");
    }
  }

  /**
   * Where a value stands: the file, its line and column.
   *
   * @param path keys joined by dots, for example {@code attention.group-ratio}
   */
  public String placeOf(String path) {
    return places.of(path).toString();
  }
}
