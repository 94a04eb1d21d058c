package org.longlora4j.core.train;

import ai.djl.ndarray.NDArray;
import org.longlora4j.core.model.LayerAttention;
import org.longlora4j.core.train.StepWatch.Stage;

/**
 * Tells a watch where a layer's pass stands.
 *
 * @param attention what happens
 * @param watch told of it
 */
record WatchedAttention(LayerAttention attention, StepWatch watch) implements LayerAttention {
  @Override
  public NDArray attend(int layer, NDArray query, NDArray key, NDArray value) {
    watch.enter(Stage.ATTENTION);
    NDArray attended = attention.attend(layer, query, key, value);
    watch.enter(Stage.PROJECTIONS);
    return attended;
  }

  @Override
  public void turnToMlp(int layer) {
    watch.enter(Stage.MLP);
  }
}
