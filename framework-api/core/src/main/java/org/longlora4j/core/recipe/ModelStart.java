package org.longlora4j.core.recipe;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.core.data.AddedTokens;

/**
 * The {@code model} section of a recipe: what training starts from. A path alone is a checkpoint.
 *
 * @param path a Hugging Face checkpoint directory
 * @param init in place of a checkpoint, the keys of a config.json: the weights are drawn at random
 * @param seed decides the weights that are drawn
 * @param tokenizer the directory of the tokenizer that goes with {@code init}
 * @param addTokens what is added to the vocabulary, and with it to embeddings and head
 */
@BareValue("path")
public record ModelStart(
    @Option("The Hugging Face checkpoint directory to start from") Optional<Path> path,
    @Option(
            "In place of a checkpoint: the keys of a config.json. The weights are drawn at random,"
                + " in the number format that dtype names.")
        Optional<Map<String, Object>> init,
    @Option(value = "Decides the weights that init draws", defaultValue = "0") long seed,
    @Option("The directory with the tokenizer.json that goes with init") Optional<Path> tokenizer,
    @Option(
            "Tokens to add to the vocabulary: embeddings and head get a row for each, the mean of"
                + " those that are there")
        Optional<AddedTokens> addTokens) {
  /**
   * Checks that there is one start.
   *
   * @throws IllegalArgumentException if there is none or two, or if what goes with {@code init} is
   *     given without it
   */
  public ModelStart {
    if (path.isPresent() == init.isPresent()) {
      throw new IllegalArgumentException(
          path.isPresent()
              ? "path and init are both given; training starts from one of them"
              : "neither path nor init is given; give a checkpoint directory");
    }
    if (path.isPresent() && (tokenizer.isPresent() || seed != 0)) {
      throw new IllegalArgumentException(
          "seed and tokenizer go with init; a checkpoint has its weights and its tokenizer");
    }
  }

  @Override
  public String toString() {
    return path.map(Path::toString).orElse("random weights");
  }
}
