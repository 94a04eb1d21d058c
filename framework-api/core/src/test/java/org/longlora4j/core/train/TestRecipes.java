package org.longlora4j.core.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.inject.Binder;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.longlora4j.api.attention.AttentionCost;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.api.attention.CausalAttention;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.core.FixedDocuments;
import org.longlora4j.core.Golden;
import org.longlora4j.core.model.DensePattern;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.LoadedPlugin;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.RecipeLibrary;
import org.longlora4j.core.recipe.RecipeReader;

/** Recipes for the golden llama whose data are rows of 32 tokens, without a file. */
final class TestRecipes {
  private TestRecipes() {}

  static ExtensionRegistry registry() {
    return new ExtensionRegistry(
        List.of(new LoadedPlugin(new RowsPlugin(), "rows", "1.0", "rows.jar")));
  }

  static Recipe read(Path folder, String... overrides) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("recipe.yaml"),
            """
            model: %s
            output: run
            context: 32
            data: rows
            training:
              steps: 6
              learning-rate: 0.001
              precision: float32
              recompute: true
            """
                .formatted(Golden.model("llama").toString().replace('\\', '/')));
    return new RecipeReader(registry(), RecipeLibrary.empty()).read(file, List.of(overrides));
  }

  private static final class RowsPlugin implements Plugin {
    @Override
    public void configure(Binder binder) {
      new ExtensionBinder(binder)
          .bind(DocumentSource.class, "rows", Rows.class)
          .bind(AttentionPattern.class, "noisy", Noisy.class)
          .bind(TrainingListener.class, "unbuildable", Unbuildable.class);
    }
  }

  /** A listener whose constructor fails. */
  static final class Unbuildable implements TrainingListener {
    @Inject
    Unbuildable() {
      throw new InvalidInputException("there is no one to listen");
    }
  }

  /** Dense attention of which every number is scaled by one that is drawn. */
  static final class Noisy implements AttentionPattern {
    private final DensePattern dense;

    @Inject
    Noisy(CausalAttention attention) {
      dense = new DensePattern(attention);
    }

    @Override
    public NDArray attend(NDArray query, NDArray key, NDArray value, AttentionLayer layer) {
      NDManager owner = query.getManager();
      try (NDArray attended = dense.attend(query, key, value, layer);
          NDArray noise = owner.randomUniform(0, 2, attended.getShape())) {
        return attended.mul(noise);
      }
    }

    @Override
    public AttentionCost cost(AttentionShape shape, AttentionLayer layer) {
      return dense.cost(shape, layer);
    }
  }

  /** Three rows of an arithmetic progression. */
  static final class Rows implements DocumentSource {
    @Inject
    Rows() {}

    @Override
    public DocumentStream open(int epoch, long seed) {
      int[][] rows = new int[3][32];
      for (int row = 0; row < rows.length; row++) {
        for (int i = 0; i < rows[row].length; i++) {
          rows[row][i] = (31 * row + 7 * i) % 320;
        }
      }
      return FixedDocuments.rows(rows).open(epoch, seed);
    }
  }
}
