package org.longlora4j.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.longlora4j.kit.KitKernels.SERVICES;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.train.Optimizer;
import org.longlora4j.core.TensorCensus;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.TensorState;

/** What every optimizer promises. */
public abstract class OptimizerContract extends ExtensionContract<Optimizer> {
  private static final List<Shape> SHAPES =
      List.of(new Shape(1), new Shape(7), new Shape(6, 5), new Shape(2, 3, 4), new Shape(64, 65));

  /** Checks optimizers. */
  protected OptimizerContract() {
    super(Optimizer.class);
  }

  /** A learning rate at which {@link #stepsDownhill} steps come near a minimum at distance 1. */
  protected double learningRate() {
    return 0.05;
  }

  /** In how many steps the loss of a parabola falls to a tenth; 100 unless overridden. */
  protected int stepsDownhill() {
    return 100;
  }

  @Override
  final Map<String, String> recipe(String section) {
    return Map.of("training.optimizer", section);
  }

  /** A parameter, its gradient and its state. */
  private record Trained(NDArray parameter, NDArray gradient, Map<String, NDArray> state) {
    static Trained of(Optimizer optimizer, Shape shape, NDManager owner) {
      Drawn drawn = new Drawn(13);
      return new Trained(
          drawn.normal(owner, shape, 1),
          drawn.normal(owner, shape, 1),
          optimizer.initialState(shape, owner));
    }

    void step(Optimizer optimizer, int number, double rate, double scale) {
      Optimizer.Update update = new Optimizer.Update(number, rate, scale);
      Autograd.silent(
          () -> {
            optimizer.step(parameter, gradient, state, update);
            return this;
          });
    }
  }

  @Test
  void theStateBelongsToTheOwnerAndAStepLeavesNothing() {
    Optimizer optimizer = extension();
    for (Shape shape : SHAPES) {
      try (NDManager owner = SERVICES.engine().newManager()) {
        Trained trained = Trained.of(optimizer, shape, owner);
        trained
            .state()
            .forEach((name, tensor) -> assertThat(tensor.getManager()).as(name).isSameAs(owner));
        assertThat(TensorCensus.of(owner))
            .as("tensors alive: parameter, gradient and those of the state")
            .isEqualTo(2L + trained.state().size());
        float[] gradient = trained.gradient().toFloatArray();
        float[] before = trained.parameter().toFloatArray();
        trained.step(optimizer, 1, learningRate(), 1);
        assertThat(TensorCensus.of(owner))
            .as("tensors alive after a step: the same")
            .isEqualTo(2L + trained.state().size());
        assertThat(trained.gradient().toFloatArray())
            .as("the gradient after a step")
            .isEqualTo(gradient);
        assertThat(trained.parameter().toFloatArray())
            .as("the parameter after a step, which is taken in place")
            .isNotEqualTo(before);
      }
    }
  }

  @Test
  void theStateTakesWhatIsForetold() {
    Optimizer optimizer = extension();
    for (Shape shape : SHAPES) {
      try (NDManager owner = SERVICES.engine().newManager()) {
        assertThat(optimizer.stateBytes(shape))
            .as("stateBytes() of a parameter of shape %s, against the tensors of its state", shape)
            .isEqualTo(
                optimizer.initialState(shape, owner).values().stream()
                    .mapToLong(tensor -> tensor.size() * tensor.getDataType().getNumOfBytes())
                    .sum());
      }
    }
  }

  @Test
  void stepsLeadDownhill() {
    Optimizer optimizer = extension();
    for (Shape shape : SHAPES) {
      try (NDManager owner = SERVICES.engine().newManager()) {
        Trained trained = Trained.of(optimizer, shape, owner);
        trained.gradient().set(trained.parameter().toFloatArray());
        double before = squares(trained.parameter());
        for (int step = 1; step <= stepsDownhill(); step++) {
          trained.step(optimizer, step, learningRate(), 1);
          trained.gradient().set(trained.parameter().toFloatArray());
        }
        assertThat(squares(trained.parameter()))
            .as("the loss of a parabola of shape %s, from %s, after its steps", shape, before)
            .isLessThan(0.1 * before);
      }
    }
  }

  private static double squares(NDArray numbers) {
    double sum = 0;
    for (float number : numbers.toFloatArray()) {
      sum += (double) number * number;
    }
    return sum;
  }

  @Test
  void aLearningRateOfZeroChangesNothing() {
    Optimizer optimizer = extension();
    try (NDManager owner = SERVICES.engine().newManager()) {
      Trained trained = Trained.of(optimizer, new Shape(6, 5), owner);
      float[] before = trained.parameter().toFloatArray();
      trained.step(optimizer, 1, 0, 1);
      assertThat(trained.parameter().toFloatArray()).isEqualTo(before);
    }
  }

  @Test
  void aGradientOfZerosLeavesNumbers() {
    Optimizer optimizer = extension();
    try (NDManager owner = SERVICES.engine().newManager()) {
      Trained trained = Trained.of(optimizer, new Shape(6, 5), owner);
      trained.gradient().set(new float[30]);
      trained.step(optimizer, 1, learningRate(), 1);
      for (float number : trained.parameter().toFloatArray()) {
        assertThat(number).as("a number after a step with a gradient of zeros").isFinite();
      }
    }
  }

  @Test
  void aScaledGradientIsAGradientThatWasScaledBefore() {
    Optimizer optimizer = extension();
    try (NDManager owner = SERVICES.engine().newManager()) {
      Trained scaled = Trained.of(optimizer, new Shape(6, 5), owner);
      Trained before = Trained.of(optimizer, new Shape(6, 5), owner);
      before.gradient().muli(0.25f);
      for (int step = 1; step <= 3; step++) {
        scaled.step(optimizer, step, learningRate(), 0.25);
        before.step(optimizer, step, learningRate(), 1);
      }
      Drawn.assertNear(
          "the parameter under gradientScale, against a gradient scaled before",
          scaled.parameter().toFloatArray(),
          before.parameter().toFloatArray(),
          1e-6);
    }
  }

  @Test
  void whatIsSavedIsAllThatAResumedRunNeeds() throws IOException {
    Path file = folder().resolve("state.safetensors");
    TensorState disk = new TensorState(SERVICES.compiler());
    try (NDManager owner = SERVICES.engine().newManager()) {
      Optimizer optimizer = extension();
      Trained going = Trained.of(optimizer, new Shape(6, 5), owner);
      Trained other = Trained.of(optimizer, new Shape(7), owner);
      for (int step = 1; step <= 3; step++) {
        going.step(optimizer, step, learningRate(), 1);
        other.step(optimizer, step, learningRate(), 1);
      }
      disk.save(file, going.state());

      Optimizer fresh = extension();
      Trained resumed = Trained.of(fresh, new Shape(6, 5), owner);
      resumed.parameter().set(going.parameter().toFloatArray());
      disk.restore(file, resumed.state());
      for (int step = 4; step <= 6; step++) {
        going.step(optimizer, step, learningRate(), 1);
        resumed.step(fresh, step, learningRate(), 1);
      }
      assertThat(resumed.parameter().toFloatArray())
          .as("the parameter of a resumed run, against the run that was not stopped")
          .isEqualTo(going.parameter().toFloatArray());
    }
  }
}
