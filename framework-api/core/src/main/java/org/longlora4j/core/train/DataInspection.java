package org.longlora4j.core.train;

import com.google.inject.Module;
import java.util.ArrayList;
import java.util.List;
import org.longlora4j.core.data.DataPosition;
import org.longlora4j.core.data.DocumentLengths;
import org.longlora4j.core.data.ReadableRow;
import org.longlora4j.core.data.Row;
import org.longlora4j.core.data.RowCounts;
import org.longlora4j.core.data.ShuffledRows;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.Recipe;

/**
 * What a recipe's data look like to its model.
 *
 * @param rows the first rows of a run
 * @param counts what became of the documents that were read for them
 * @param lengths of the first documents
 */
public record DataInspection(List<ReadableRow> rows, RowCounts counts, DocumentLengths lengths) {
  /** Copies the rows. */
  public DataInspection {
    rows = List.copyOf(rows);
  }

  /**
   * Looks, without an engine unless the source itself needs one.
   *
   * @param recipe whose data to look at
   * @param registry builds the source
   * @param services what its constructor may ask for
   * @param rows how many rows to show
   * @param documents how many documents to measure at most
   * @throws org.longlora4j.api.plugin.InvalidInputException if the data cannot be used
   */
  public static DataInspection of(
      Recipe recipe, ExtensionRegistry registry, Module services, int rows, int documents) {
    try (Checkpoint checkpoint = StartingModel.checkpoint(recipe, registry, services);
        TrainingData data = TrainingData.toTrainOn(recipe, checkpoint, registry, services);
        ShuffledRows stream = data.rows(DataPosition.START)) {
      List<ReadableRow> readable = new ArrayList<>();
      for (int i = 0; i < rows; i++) {
        Row row = stream.next();
        checkpoint.config().requireInVocabulary(row.tokens());
        readable.add(ReadableRow.of(row, data.tokenizer()));
      }
      return new DataInspection(readable, stream.counts(), data.lengths(documents));
    }
  }
}
