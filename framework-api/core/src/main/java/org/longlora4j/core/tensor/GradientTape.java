package org.longlora4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.longlora4j.api.tensor.Kernels;

/**
 * One pass, recorded by PyTorch's autograd except where a function brings a gradient of its own.
 *
 * <p>Such a function cuts autograd's graph: its result begins a new part as a leaf. Going
 * backwards, autograd brings the gradient to the leaves of the last part, the function turns that
 * of its result into those of its inputs, and autograd takes them on through the part before. So a
 * kernel with a better gradient than autograd would derive can stand anywhere, also inside what a
 * plugin computes with operations that autograd knows.
 *
 * <p>For one thread.
 */
public final class GradientTape implements AutoCloseable {
  private final Kernels kernels;
  private final NDManager scope;
  private final ThreadLocal<GradientTape> recording;
  private final List<Cut> cuts = new ArrayList<>();
  private final IdentityHashMap<NDArray, Leaf> leaves =
      new IdentityHashMap<>(); // by what stands for them
  private final Deque<NDArray> kept = new ArrayDeque<>(); // results, in the order of computation
  private boolean looking;

  GradientTape(Kernels kernels, NDManager scope, ThreadLocal<GradientTape> recording) {
    this.kernels = kernels;
    this.scope = scope;
    this.recording = recording;
  }

  /**
   * A function that was computed: what went in, and where its result begins a part of the graph.
   */
  private record Cut(KnownGradient function, List<Input> inputs, Leaf result) {}

  /**
   * What went into a function.
   *
   * @param value to compute with
   * @param leaf where its gradient adds up, if it begins a part
   * @param wanted whether it has a gradient
   */
  private record Input(NDArray value, Optional<Leaf> leaf, boolean wanted) {}

  /** The beginning of a part of the graph. */
  private final class Leaf {
    private final NDArray tensor;
    private NDArray other; // what came to it without autograd; no elements at first

    Leaf(NDArray tensor) {
      this.tensor = tensor;
      other = scope.create(new Shape(0));
    }

    /** Adds a gradient whose memory nobody else uses any more. */
    void add(NDArray gradient) {
      gradient.attach(scope);
      if (other.isEmpty()) {
        other.close();
        other = gradient;
      } else {
        other.addi(gradient);
        gradient.close();
      }
    }

    NDArray gradient(NDManager owner) {
      return kernels.call(owner, "gradient", tensor, other);
    }

    void close() {
      tensor.close();
      other.close();
    }
  }

  /**
   * Makes a tensor that the pass begins with a leaf, for {@link #gradient}.
   *
   * @param input stays the caller's
   */
  public void watch(NDArray input) {
    input.setRequiresGradient(true);
    leaves.put(input, new Leaf(input));
  }

  /** A tensor, or another handle on it that is watched, if no gradient reaches it. */
  NDArray reached(NDArray tensor) {
    if (isRecorded(tensor)) {
      return tensor;
    }
    NDArray leaf = Autograd.silent(() -> kernels.call(tensor.getManager(), "alias", tensor));
    watch(leaf);
    return leaf;
  }

  /**
   * Runs something that will be run again by {@link #record}, with the same results. Keeps those
   * that are worth it, so that they are not computed twice.
   *
   * @throws IllegalStateException if a tape is in use on this thread
   */
  public <T> T look(Supplier<T> work) {
    looking = true;
    try {
      return use(() -> Autograd.silent(work));
    } finally {
      looking = false;
    }
  }

  /**
   * Runs something while what it computes is recorded here.
   *
   * @throws IllegalStateException if a tape is in use on this thread
   */
  public <T> T record(Supplier<T> work) {
    T result = use(() -> Autograd.recording(work));
    if (!kept.isEmpty()) {
      throw new IllegalStateException(
          "what was looked at computed %d results more than it does when it is recorded"
              .formatted(kept.size()));
    }
    return result;
  }

  private <T> T use(Supplier<T> work) {
    if (recording.get() != null) {
      throw new IllegalStateException("a tape is in use on this thread");
    }
    recording.set(this);
    try {
      return work.get();
    } finally {
      recording.remove();
    }
  }

  /**
   * Computes a function, or takes the result that was kept of it. Records it if a gradient reaches
   * one of its arguments and this is recording.
   */
  NDArray compute(KnownGradient function, NDList arguments) {
    NDArray result = result(function, arguments);
    if (looking && function.isWorthKeeping()) {
      kept.add(kernels.call(scope, "alias", result));
    }
    if (!Autograd.isRecording()) {
      return result;
    }
    List<Boolean> recorded = arguments.stream().map(this::isRecorded).toList();
    return recorded.contains(true) ? record(function, arguments, recorded, result) : result;
  }

  private NDArray result(KnownGradient function, NDList arguments) {
    if (!looking && function.isWorthKeeping() && !kept.isEmpty()) {
      NDArray before = kept.remove();
      before.attach(arguments.head().getManager());
      return before;
    }
    return Autograd.silent(() -> function.forward(arguments));
  }

  private NDArray record(
      KnownGradient function, NDList arguments, List<Boolean> recorded, NDArray result) {
    List<Input> inputs = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      inputs.add(input(arguments.get(i), recorded.get(i)));
    }
    NDList twice = kernels.callAll(scope, "begin", result);
    NDArray given = twice.get(1);
    given.attach(result.getManager());
    result.close();
    Leaf leaf = new Leaf(twice.get(0));
    leaves.put(given, leaf);
    cuts.add(new Cut(function, inputs, leaf));
    return given;
  }

  private Input input(NDArray argument, boolean recorded) {
    Leaf leaf = leaves.get(argument);
    return leaf == null
        ? new Input(kernels.call(scope, "alias", argument), Optional.empty(), recorded)
        : new Input(leaf.tensor, Optional.of(leaf), true);
  }

  /** The engine's own answer is no for everything but leaves. */
  private boolean isRecorded(NDArray tensor) {
    if (leaves.containsKey(tensor) || tensor.hasGradient()) {
      return true;
    }
    try (NDArray answer = kernels.call(scope, "requires_gradient", tensor)) {
      return answer.getBoolean();
    }
  }

  /**
   * Goes backwards through all that was recorded: adds gradients up in the parameters and in what
   * is watched.
   *
   * @param output of the pass
   * @param gradient of {@code output}'s shape and number format; what it holds may be written over,
   *     and the caller closes it
   */
  public void backward(NDArray output, NDArray gradient) {
    Autograd.silent(
        () -> {
          Leaf last = leaves.get(output);
          if (last == null) {
            Autograd.backwardKeeping(output, gradient);
          } else {
            last.add(kernels.call(scope, "alias", gradient));
          }
          for (int i = cuts.size() - 1; i >= 0; i--) {
            backward(cuts.remove(i));
          }
          return null;
        });
  }

  private void backward(Cut cut) {
    try (NDManager step = scope.newSubManager()) {
      NDArray gradient = cut.result.gradient(step);
      if (!gradient.isEmpty()) {
        NDList values = new NDList(cut.inputs.stream().map(Input::value).toArray(NDArray[]::new));
        NDList gradients = cut.function.backward(values, gradient);
        for (int i = 0; i < gradients.size(); i++) {
          pass(gradients.get(i), cut.inputs.get(i));
        }
      }
    }
    cut.result.close();
    cut.inputs.stream().filter(input -> input.leaf.isEmpty()).forEach(input -> input.value.close());
  }

  private static void pass(NDArray gradient, Input input) {
    if (input.leaf.isPresent()) {
      input.leaf.orElseThrow().add(gradient);
    } else if (input.wanted) {
      Autograd.backwardKeeping(input.value, gradient);
    }
  }

  /**
   * The gradient that reached what is watched.
   *
   * @param input as given to {@link #watch}
   * @param owner who closes the result
   * @throws IllegalStateException if none reached it
   */
  public NDArray gradient(NDArray input, NDManager owner) {
    NDArray gradient = leaves.get(input).gradient(owner);
    if (gradient.isEmpty()) {
      gradient.close();
      throw new IllegalStateException("no gradient reached the input: what was it used for?");
    }
    return gradient;
  }

  @Override
  public void close() {
    scope.close();
  }
}
