package org.longlora4j.core.train;

import java.util.List;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.DenseForward;
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
