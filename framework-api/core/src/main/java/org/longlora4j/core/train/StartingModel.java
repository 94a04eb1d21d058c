package org.longlora4j.core.train;

import java.nio.file.Path;
import java.util.Optional;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.data.TokenizerFiles;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.model.QuantizedFormats;
import org.longlora4j.core.recipe.ModelStart;
import org.longlora4j.core.recipe.Recipe;

/** What a recipe's {@code model} section names, with the tokens that it adds. */
final class StartingModel {
  private StartingModel() {}

  /**
   * The checkpoint, or one that is yet to be drawn; the caller closes it.
   *
   * @param formats read weights that are quantized
   */
  static Checkpoint checkpoint(Recipe recipe, QuantizedFormats formats) {
    ModelStart start = recipe.model();
    Checkpoint checkpoint =
        start.path().isPresent()
            ? Checkpoint.open(start.path().get(), formats)
            : Checkpoint.random(
                ModelConfig.of(start.init().orElseThrow(), recipe.file(), "model.init"),
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
