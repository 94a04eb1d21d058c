package org.longlora4j.core.train;

import com.google.inject.Module;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.CountedSource;
import org.longlora4j.core.data.DataPosition;
import org.longlora4j.core.data.DataReport;
import org.longlora4j.core.data.DocumentLengths;
import org.longlora4j.core.data.Row;
import org.longlora4j.core.data.RowCounts;
import org.longlora4j.core.data.RowStream;
import org.longlora4j.core.data.ShuffledRows;
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
  private final List<Row> heldOut;
  private RowCounts counted = RowCounts.NONE;
  private Optional<RowStream> open = Optional.empty();

  private TrainingData(
      Recipe recipe, CountedSource source, Optional<Tokenizer> tokenizer, List<Row> heldOut) {
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
    Optional<Tokenizer> tokenizer = tokenizer(recipe);
    boolean opened = false;
    try {
      List<Row> heldOut =
          heldOutSource.map(held -> heldOut(recipe, held, tokenizer)).orElse(List.of());
      heldOut.forEach(row -> config.requireInVocabulary(row.tokens()));
      TrainingData data = new TrainingData(recipe, source, tokenizer, heldOut);
      try (RowStream rows = rows(recipe, source, tokenizer, DataPosition.START)) {
        config.requireInVocabulary(rows.next().tokens());
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

  /**
   * Opens the data to train on alone, and checks nothing.
   *
   * @return the data, which the caller closes
   */
  static TrainingData toTrainOn(
      Recipe recipe, Checkpoint checkpoint, ExtensionRegistry registry, Module services) {
    CountedSource source =
        new CountedSource(
            registry.create(recipe.data(), services), checkpoint.config()::requireInVocabulary);
    return new TrainingData(recipe, source, tokenizer(recipe), List.of());
  }

  private static Optional<Tokenizer> tokenizer(Recipe recipe) {
    return StartingModel.tokenizerFiles(recipe).map(Tokenizer::of);
  }

  private static List<Row> heldOut(
      Recipe recipe, DocumentSource source, Optional<Tokenizer> tokenizer) {
    EvaluationOptions options = recipe.evaluation().orElseThrow();
    try (RowStream stream = rows(recipe, source, tokenizer, DataPosition.START)) {
      List<Row> rows = new ArrayList<>();
      while (rows.size() < options.rows()) {
        Row row = stream.next();
        if (stream.position().epoch() > 0) {
          break; // all documents were given
        }
        rows.add(row);
      }
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
    RowStream stream = rows(recipe, source, tokenizer, from);
    open = Optional.of(stream);
    counted = RowCounts.NONE;
    return new ShuffledRows(
        stream, recipe.training().shuffleRows(), recipe.training().seed(), from);
  }

  private static RowStream rows(
      Recipe recipe, DocumentSource source, Optional<Tokenizer> tokenizer, DataPosition from) {
    return new RowStream(
        source, tokenizer, recipe.pack(), recipe.context(), recipe.training().seed(), from);
  }

  /** The model's tokenizer, if it has one. */
  Optional<Tokenizer> tokenizer() {
    return tokenizer;
  }

  /** How long the first documents are, of at most so many. */
  DocumentLengths lengths(int most) {
    return DocumentLengths.of(source, tokenizer, recipe.context(), recipe.training().seed(), most);
  }

  /** What was read to train on since this was asked last, and what was left out of it. */
  DataReport read() {
    RowCounts all = open.map(RowStream::counts).orElse(RowCounts.NONE);
    DataReport rows = new DataReport(0, 0, 0, all.since(counted).leftOut());
    counted = all;
    return source.take().plus(rows);
  }

  /** The rows that the held-out loss is measured on; none if the recipe does not evaluate. */
  List<Row> heldOut() {
    return heldOut;
  }

  @Override
  public void close() {
    tokenizer.ifPresent(Tokenizer::close);
  }
}
