package org.longlora4j.core.train;

import com.google.inject.Module;
import java.nio.file.Path;
import java.util.Optional;
import org.longlora4j.core.checkpoint.RegisteredFormats;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.data.TokenizerFiles;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.model.ModelFamilies;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.ModelStart;
import org.longlora4j.core.recipe.Recipe;

/** What a recipe's {@code model} section names, with the tokens that it adds. */
final class StartingModel {
  private StartingModel() {}

  /**
   * The checkpoint, or one that is yet to be drawn; the caller closes it.
   *
   * @param registry knows families of models, and formats of weights that are quantized
   * @param services what formats may ask for
   */
  static Checkpoint checkpoint(Recipe recipe, ExtensionRegistry registry, Module services) {
    ModelFamilies families = new ModelFamilies(registry);
    ModelStart start = recipe.model();
    Checkpoint checkpoint =
        start.path().isPresent()
            ? Checkpoint.open(
                start.path().get(), families, new RegisteredFormats(registry, services))
            : Checkpoint.random(
                ModelConfig.of(start.init().orElseThrow(), recipe.file(), "model.init", families),
                start.seed(),
                start.tokenizer());
    boolean whole = false;
    try {
      Optional<TokenizerFiles> tokenizer = tokenizerFiles(recipe);
      if (tokenizer.isPresent() && tokenizer.get().isChanged()) {
        checkpoint = checkpoint.withTokens(tokenizer.get().size(), tokenizer.get().padding());
      }
      whole = true;
      return checkpoint;
    } finally {
      if (!whole) {
        checkpoint.close();
      }
    }
  }

  /** The files of the tokenizer with the tokens that the recipe adds, if there is a tokenizer. */
  static Optional<TokenizerFiles> tokenizerFiles(Recipe recipe) {
    Optional<Path> directory =
        recipe
            .startFrom()
            .filter(Tokenizer::isIn)
            .or(() -> recipe.model().path())
            .or(() -> recipe.model().tokenizer());
    return directory.flatMap(d -> TokenizerFiles.in(d, recipe.model().addTokens()));
  }
}
