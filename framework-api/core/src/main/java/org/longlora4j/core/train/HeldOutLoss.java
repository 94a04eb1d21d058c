package org.longlora4j.core.train;

import java.util.List;
import java.util.Optional;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.TokenWindows;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.DenseForward;
import org.longlora4j.core.recipe.EvaluationOptions;
import org.longlora4j.core.tensor.TorchServices;

/** The loss on rows that are not trained on, with dense attention: the model as it will be used. */
final class HeldOutLoss {
  private final CausalLanguageModel model;
  private final TorchServices services;
  private final List<int[]> rows;

  HeldOutLoss(CausalLanguageModel model, TorchServices services, List<int[]> rows) {
    this.model = model;
    this.services = services;
    this.rows = rows;
  }

  /** The held-out rows of a recipe; none if it does not evaluate. */
  static List<int[]> rows(PreparedRun run, Optional<Tokenizer> tokenizer) {
    if (run.recipe().evaluation().isEmpty()) {
      return List.of();
    }
    EvaluationOptions options = run.recipe().evaluation().get();
    try (TokenWindows windows =
        new TokenWindows(
            run.parts().heldOut().orElseThrow(),
            tokenizer,
            run.recipe().context(),
            run.recipe().training().seed())) {
      List<int[]> rows = windows.full(options.rows());
      if (rows.isEmpty()) {
        throw new InvalidInputException(
            "%s: evaluation.data: has fewer tokens than one row of %d; give more, or a shorter"
                    .formatted(run.recipe().file(), run.recipe().context())
                + " context.");
      }
      return rows;
    }
  }

  /** The mean over all rows, in nats. */
  double measure() {
    double sum = 0;
    long counted = 0;
    try (DenseForward forward = new DenseForward(model, services)) {
      for (int[] row : rows) {
        MicroBatch batch = MicroBatch.ofRows(new int[][] {row});
        sum +=
            forward.run(
                batch.tokens(), hidden -> new ChunkedLoss(model).sum(hidden, batch.labels()));
        counted += batch.counted();
      }
    }
    return sum / counted;
  }
}
