package org.longlora4j.api.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import org.longlora4j.api.plugin.ExtensionPoint;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * How is a parameter updated from its gradient?
 *
 * <p>The framework owns the state, saves it with every checkpoint and hands it back, so that a
 * resumed run goes on exactly. The optimizer itself holds no tensor.
 */
@ConsumerType
@ExtensionPoint("optimizer")
public interface Optimizer {
  /**
   * The state of one parameter before the first step.
   *
   * @param shape the parameter's shape
   * @param owner who closes the result
   * @return tensors by name, for example {@code exp_avg}, on the device of {@code owner}
   */
  Map<String, NDArray> initialState(Shape shape, NDManager owner);

  /**
   * How many bytes {@link #initialState} takes. Told from the shape alone, so that memory can be
   * planned before anything is loaded.
   *
   * @param shape the parameter's shape
   */
  long stateBytes(Shape shape);

  /**
   * Updates one parameter and its state in place.
   *
   * @param parameter float32; gradients are not recorded during the call
   * @param gradient float32, of the same shape
   * @param state what {@link #initialState} gave, as later steps changed it
   * @param update the step's settings
   */
  void step(NDArray parameter, NDArray gradient, Map<String, NDArray> state, Update update);

  /**
   * The settings of one step.
   *
   * @param step from 1, as the bias corrections count
   * @param learningRate from the schedule
   * @param gradientScale multiplies the gradient first: below 1 when the global norm is clipped
   */
  record Update(int step, double learningRate, double gradientScale) {}
}
