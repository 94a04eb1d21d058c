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
import org.longlora4j.core.TensorCensus;

class RotaryCacheTest {
  private static final RotaryEmbedding EMBEDDING =
      new RotaryEmbedding(16, 10000, 32, new UnscaledRotary());
  private static final RotaryEmbedding DYNAMIC = EMBEDDING.withScaling(new DynamicNtkScaling(2));

  @Test
  void tablesAreMadeAgainOnlyWhereTheyMust() {
    try (NDManager owner = Golden.SERVICES.engine().newManager();
        RotaryCache rotary = new RotaryCache(EMBEDDING, owner);
        RotaryCache dynamic = new RotaryCache(DYNAMIC, owner)) {
      RotaryTables first = rotary.tables(64);
      assertThat(first.cos().getShape()).isEqualTo(new Shape(64, 16));
      assertThat(rotary.tables(10)).isSameAs(first);
      assertThat(rotary.tables(65).length()).isEqualTo(65);

      RotaryTables full = dynamic.tables(64);
      assertThat(dynamic.tables(10).length()).isEqualTo(10);
      assertThat(dynamic.tables(64)).isSameAs(full);
    }
  }

  @Test
  void fewTablesAreHeld() {
    try (NDManager owner = Golden.SERVICES.engine().newManager();
        RotaryCache dynamic = new RotaryCache(DYNAMIC, owner)) {
      for (int length = 1; length <= 100; length++) {
        dynamic.tables(length);
      }
      assertThat(TensorCensus.of(owner)).isEqualTo(16); // a cosine and a sine for each of eight
    }
  }

  /**
   * The dynamic model stretches beyond 64 tokens; a short document must not notice its neighbours.
   */
  @Test
  void aDocumentAmongOthersTurnsAsItDoesAlone() {
    int[][] documents = {{96}, {40, 50}};
    int[][] rows = new int[2][96];
    for (int row = 0; row < 2; row++) {
      int seed = 7 * row + 3;
      Arrays.setAll(rows[row], i -> (i * i + seed) % 320);
    }
    try (CausalLanguageModel model =
            Golden.frozen(Golden.model("llama-dynamic"), Precision.FLOAT32);
        RotaryCache rotary = new RotaryCache(model.rotary(), model.manager());
        NDManager scope = model.manager().newSubManager()) {
      NDArray together =
          model.hidden(model.tokens(scope, rows), Golden.dense(model, rotary, 96, documents));
      for (int row = 0; row < 2; row++) {
        int begin = 0;
        for (int length : documents[row]) {
          int[] document = Arrays.copyOfRange(rows[row], begin, begin + length);
          NDArray alone =
              model.hidden(
                  model.tokens(scope, new int[][] {document}),
                  Golden.dense(model, rotary, length, new int[] {length}));
          NDArray inRow = together.get(row).get(begin + ":" + (begin + length));
          assertThat(Golden.relative(inRow, alone.get(0))).isLessThan(1e-5);
          begin += length;
        }
      }
    }
  }
}
