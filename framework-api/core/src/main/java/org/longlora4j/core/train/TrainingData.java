package org.longlora4j.core.train;

import com.google.inject.Module;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.CountedSource;
import org.longlora4j.core.data.DataPosition;
import org.longlora4j.core.data.DataReport;
import org.longlora4j.core.data.RowStream;
import org.longlora4j.core.data.ShuffledRows;
import org.longlora4j.core.data.TokenWindows;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.EvaluationOptions;
import org.longlora4j.core.recipe.Recipe;

/** The rows that a recipe trains on and those that it holds out, found to fit its model. */
final class TrainingData implements AutoCloseable {
  private final Recipe recipe;
  private final CountedSource source;
  private final Optional<Tokenizer> tokenizer;
  private final List<int[]> heldOut;

  private TrainingData(
      Recipe recipe, CountedSource source, Optional<Tokenizer> tokenizer, List<int[]> heldOut) {
    this.recipe = recipe;
    this.source = source;
    this.tokenizer = tokenizer;
    this.heldOut = heldOut;
  }

  /**
   * Opens and checks: reads the first row to train on, and all that are held out.
   *
   * @return the data, which the caller closes
   * @throws InvalidInputException if there are too few, if texts have no tokenizer, or if a row has
   *     another length or tokens that the model does not know
   */
  static TrainingData open(
      Recipe recipe, Checkpoint checkpoint, ExtensionRegistry registry, Module services) {
    ModelConfig config = checkpoint.config();
    CountedSource source =
        new CountedSource(registry.create(recipe.data(), services), config::requireInVocabulary);
    Optional<DocumentSource> heldOutSource =
        recipe
            .evaluation()
            .map(evaluation -> registry.create(evaluation.data(), services))
            .map(held -> new CountedSource(held, config::requireInVocabulary));
    Optional<Tokenizer> tokenizer = checkpoint.directory().flatMap(Tokenizer::inDirectory);
    boolean opened = false;
    try {
      List<int[]> heldOut =
          heldOutSource.map(held -> heldOut(recipe, held, tokenizer)).orElse(List.of());
      heldOut.forEach(config::requireInVocabulary);
      TrainingData data = new TrainingData(recipe, source, tokenizer, heldOut);
      try (RowStream rows = data.inOrder(DataPosition.START)) {
        config.requireInVocabulary(rows.next());
      }
      source.take(); // what was read to check it is read again
      opened = true;
      return data;
    } finally {
      if (!opened) {
        tokenizer.ifPresent(Tokenizer::close);
      }
    }
  }

  private static List<int[]> heldOut(
      Recipe recipe, DocumentSource source, Optional<Tokenizer> tokenizer) {
    EvaluationOptions options = recipe.evaluation().orElseThrow();
    try (TokenWindows windows =
        new TokenWindows(source, tokenizer, recipe.context(), recipe.training().seed())) {
      List<int[]> rows = windows.full(options.rows());
      if (rows.isEmpty()) {
        throw new InvalidInputException(
            "%s: evaluation.data: has fewer tokens than one row of %d; give more, or a shorter"
                    .formatted(recipe.file(), recipe.context())
                + " context.");
      }
      return rows;
    }
  }

  /**
   * The rows to train on.
   *
   * @param from where the first row starts
   * @return the rows, which the caller closes before this
   */
  ShuffledRows rows(DataPosition from) {
    long seed = recipe.training().seed();
    return new ShuffledRows(inOrder(from), recipe.training().shuffleRows(), seed, from);
  }

  private RowStream inOrder(DataPosition from) {
    return new RowStream(source, tokenizer, recipe.context(), recipe.training().seed(), from);
  }

  /** What was read to train on since this was asked last, and what was left out of it. */
  DataReport read() {
    return source.take();
  }

  /** The rows that the held-out loss is measured on; none if the recipe does not evaluate. */
  List<int[]> heldOut() {
    return heldOut;
  }

  @Override
  public void close() {
    tokenizer.ifPresent(Tokenizer::close);
  }
}
