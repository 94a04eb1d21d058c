package org.longlora4j.core.train;

import ai.djl.ndarray.NDArray;
import org.longlora4j.core.model.LayerAttention;
import org.longlora4j.core.train.StepWatch.Stage;

/**
 * Tells a watch where a layer's passes stand.
 *
 * @param attention what happens
 * @param watch told of it
 * @param again whether the layer ran before, and does so for its gradients
 */
record WatchedAttention(LayerAttention attention, StepWatch watch, boolean again)
    implements LayerAttention {
  @Override
  public NDArray attend(int layer, NDArray query, NDArray key, NDArray value) {
    enterFirst(Stage.ATTENTION);
    NDArray attended = attention.attend(layer, query, key, value);
    enterFirst(Stage.PROJECTIONS);
    return attended;
  }

  @Override
  public void turnToMlp() {
    enterFirst(Stage.MLP);
  }

  private void enterFirst(Stage stage) {
    if (!again) {
      watch.enter(stage);
    }
  }

  @Override
  public void turnToRecomputation() {
    watch.enter(Stage.RECOMPUTATION);
  }

  @Override
  public void turnToGradients() {
    watch.enter(Stage.BACKWARD);
  }
}
