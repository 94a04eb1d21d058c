package org.longlora4j.core.train;

import java.util.List;
import org.longlora4j.core.data.Row;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.DenseForward;
import org.longlora4j.core.tensor.TorchServices;

/** The loss on rows that are not trained on, with dense attention: the model as it will be used. */
final class HeldOutLoss {
  private final CausalLanguageModel model;
  private final TorchServices services;
  private final List<Row> rows;

  HeldOutLoss(CausalLanguageModel model, TorchServices services, List<Row> rows) {
    this.model = model;
    this.services = services;
    this.rows = rows;
  }

  /** The mean over all tokens that count in a loss, in nats. */
  double measure() {
    double sum = 0;
    long counted = 0;
    try (DenseForward forward = new DenseForward(model, services)) {
      for (Row row : rows) {
        MicroBatch batch = MicroBatch.of(List.of(row));
        sum +=
            forward.run(
                batch.tokens(),
                batch.documents(),
                hidden -> new ChunkedLoss(model).sum(hidden, batch.labels()));
        counted += batch.counted();
      }
    }
    return sum / counted;
  }
}
