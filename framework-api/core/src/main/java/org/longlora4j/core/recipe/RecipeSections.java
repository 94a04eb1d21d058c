package org.longlora4j.core.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.core.data.Packing;
import org.longlora4j.core.plugin.Choice;

/** The top-level keys of a recipe, in the order in which they are written. */
record RecipeSections(
    @Option("What training starts from: a Hugging Face checkpoint directory, or random weights")
        ModelStart model,
    @Option("The run directory; a folder beside the recipe, named after it, unless given")
        Optional<Path> output,
    @Option(value = "The target context length in tokens", min = 1) int context,
    @Option(value = "Which positions a query attends to during training", defaultValue = "dense")
        Choice<AttentionPattern> attention,
    @Option(
            value = "Which parameters train, and what wraps a frozen projection",
            defaultValue = "full")
        Choice<AdapterStrategy> adapter,
    @Option(value = "How rotary frequencies change for the new length", defaultValue = "none")
        Choice<PositionalScaling> position,
    @Option(value = "How frozen weights are stored", defaultValue = "none")
        Choice<WeightQuantizer> quantization,
    @Option("Where the training documents come from") Choice<DocumentSource> data,
    @Option(
            value =
                "How documents become rows of context tokens: one after another (concat), each with"
                    + " padding after it (pad), or several in a row with attention kept inside each"
                    + " (isolate)",
            defaultValue = "concat")
        Packing pack,
    @Option(value = "How the model is trained", defaultValue = "{}") TrainingOptions training,
    @Option("When and on what the held-out loss is measured; never unless given")
        Optional<EvaluationOptions> evaluation,
    @Option(value = "Who watches the steps", defaultValue = "[]")
        List<Choice<TrainingListener>> listeners) {

  static RecipeSections of(Recipe recipe) {
    return new RecipeSections(
        recipe.model(),
        Optional.of(recipe.output()),
        recipe.context(),
        recipe.attention(),
        recipe.adapter(),
        recipe.position(),
        recipe.quantization(),
        recipe.data(),
        recipe.pack(),
        recipe.training(),
        recipe.evaluation(),
        recipe.listeners());
  }

  Recipe toRecipe(Path file, Optional<Path> startFrom, RecipePlaces places) {
    return new Recipe(
        file,
        model,
        output.orElseGet(() -> beside(file)),
        context,
        attention,
        startFrom,
        adapter,
        position,
        quantization,
        data,
        pack,
        training,
        evaluation,
        listeners,
        places);
  }

  private static Path beside(Path file) {
    String name = file.getFileName().toString();
    String stem = name.replaceFirst("\\.[^.]+$", "");
    return file.resolveSibling(stem.equals(name) ? name + "-run" : stem);
  }
}
