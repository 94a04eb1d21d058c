package org.longlora4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.position.DynamicNtkScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.UnscaledRotary;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.Golden;

class BatchRotaryTest {
  private static final RotaryEmbedding EMBEDDING =
      new RotaryEmbedding(16, 10000, 32, new UnscaledRotary());
  private static final RotaryEmbedding DYNAMIC = EMBEDDING.withScaling(new DynamicNtkScaling(2));

  @Test
  void tablesAreKeptAsLongAsNothingChanges() {
    try (NDManager owner = Golden.SERVICES.engine().newManager();
        BatchRotary rotary = new BatchRotary(EMBEDDING, owner);
        BatchRotary dynamic = new BatchRotary(DYNAMIC, owner)) {
      RotaryTables first = rotary.tables(64, new int[] {64, 64});
      assertThat(first.cos().getShape()).isEqualTo(new Shape(64, 16));
      assertThat(rotary.tables(64, new int[] {10, 64})).isSameAs(first);
      assertThat(rotary.tables(60, new int[] {10, 60})).isNotSameAs(first);

      RotaryTables full = dynamic.tables(64, new int[] {64, 64});
      assertThat(full.cos().getShape()).isEqualTo(new Shape(64, 16));
      RotaryTables rows = dynamic.tables(64, new int[] {10, 64});
      assertThat(rows.cos().getShape()).isEqualTo(new Shape(2, 1, 64, 16));
      assertThat(dynamic.tables(64, new int[] {10, 64})).isSameAs(rows);
      assertThat(dynamic.tables(64, new int[] {64, 64}).cos().getShape())
          .isEqualTo(new Shape(64, 16));
    }
  }

  /** The dynamic model stretches beyond 64 tokens; a short row must not notice its neighbour. */
  @Test
  void aRowInAPaddedBatchTurnsAsItDoesAlone() {
    int[] lengths = {96, 40};
    int[][] rows = new int[2][96];
    for (int row = 0; row < 2; row++) {
      int seed = 7 * row + 3;
      Arrays.setAll(rows[row], i -> (i * i + seed) % 320);
    }
    try (CausalLanguageModel model =
            Golden.frozen(Golden.model("llama-dynamic"), Precision.FLOAT32);
        BatchRotary rotary = new BatchRotary(model.rotary(), model.manager());
        NDManager scope = model.manager().newSubManager()) {
      NDArray together =
          model.hidden(
              model.tokens(scope, rows), Golden.dense(model, rotary.tables(96, lengths), lengths));
      for (int row = 0; row < 2; row++) {
        int length = lengths[row];
        NDArray alone =
            model.hidden(
                model.tokens(scope, new int[][] {Arrays.copyOf(rows[row], length)}),
                Golden.dense(
                    model, new RotaryTables(model.rotary(), length, model.manager()), length));
        NDArray inBatch = together.get(row).get("0:" + length);
        assertThat(Golden.relative(inBatch, alone.get(0))).isLessThan(1e-5);
      }
    }
  }
}
