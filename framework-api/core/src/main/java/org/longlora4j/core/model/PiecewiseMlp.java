package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.core.tensor.GradientTape;
import org.longlora4j.core.tensor.GradientTapes;
import org.longlora4j.core.tensor.KnownGradient;

/**
 * What a layer ends with, computed some positions at a time, and again for its gradients: of what
 * lies between its input and its result no more exists than one piece's (arXiv:2506.13996, section
 * 3.1).
 */
final class PiecewiseMlp implements KnownGradient {
  /**
   * A piece's products should be large enough for weights, laid out anew for each, to matter
   * little.
   */
  private static final int POSITIONS = 4096;

  private final Kernels kernels;
  private final GradientTapes tapes;
  private final Passes passes;

  /**
   * What it computes, from a piece of each input, (rows, positions, hiddenSize), to its result.
   *
   * @param first the first time
   * @param again for gradients: the values of its result mean nothing
   * @param draws called before either, so that they draw the same
   * @param stages told before and after it runs again
   */
  record Passes(Pass first, Pass again, Runnable draws, LayerAttention stages) {}

  /** One way to compute it. */
  @FunctionalInterface
  interface Pass {
    NDArray run(NDList inputs);
  }

  PiecewiseMlp(Kernels kernels, GradientTapes tapes, Passes passes) {
    this.kernels = kernels;
    this.tapes = tapes;
    this.passes = passes;
  }

  @Override
  public NDArray forward(NDList inputs) {
    passes.draws.run();
    List<Piece> pieces = pieces(inputs.head());
    if (pieces.size() == 1) {
      return passes.first.run(inputs);
    }
    NDArray like = inputs.head();
    try (NDManager scope = like.getManager().newSubManager()) {
      NDList results = new NDList();
      for (Piece piece : pieces) {
        results.add(passes.first.run(piece.of(inputs, scope)));
      }
      return together(results, like, like.getManager());
    }
  }

  @Override
  public NDList backward(NDList inputs, NDArray gradient) {
    passes.draws.run();
    NDManager owner = gradient.getManager();
    List<NDList> byInput = new ArrayList<>();
    inputs.forEach(input -> byInput.add(new NDList()));
    try (NDManager scope = owner.newSubManager()) {
      for (Piece piece : pieces(gradient)) {
        NDList gradients = gradients(piece.of(inputs, scope), piece.of(gradient, scope));
        for (int i = 0; i < gradients.size(); i++) {
          byInput.get(i).add(gradients.get(i));
        }
      }
      NDList whole = new NDList();
      byInput.forEach(pieces -> whole.add(together(pieces, gradient, owner)));
      return whole;
    }
  }

  /** Those of a piece's inputs, attached to the manager of the inputs. */
  private NDList gradients(NDList inputs, NDArray gradient) {
    NDManager owner = inputs.head().getManager();
    try (GradientTape tape = tapes.open(owner)) {
      inputs.forEach(tape::watch);
      passes.stages.turnToRecomputation();
      NDArray result = tape.record(() -> passes.again.run(inputs));
      passes.stages.turnToGradients();
      tape.backward(result, gradient);
      NDList gradients = new NDList();
      inputs.forEach(input -> gradients.add(tape.gradient(input, owner)));
      return gradients;
    }
  }

  /** Pieces (1, positions, width), one after another, in the shape of the whole. */
  private NDArray together(NDList pieces, NDArray like, NDManager owner) {
    NDArray joined = pieces.size() == 1 ? pieces.head() : NDArrays.concat(pieces, 1);
    return kernels.call(owner, "rows", joined, like.getShape().get(0));
  }

  /** How many positions the largest piece has, of so many. */
  static long positions(long all) {
    long count = count(all);
    return (all + count - 1) / count;
  }

  private static long count(long positions) {
    return Math.max(1, Math.round((double) positions / POSITIONS));
  }

  private List<Piece> pieces(NDArray like) {
    long positions = like.getShape().get(0) * like.getShape().get(1);
    long count = count(positions);
    List<Piece> pieces = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      pieces.add(new Piece(positions * i / count, positions * (i + 1) / count));
    }
    return pieces;
  }

  /** Positions of all rows, one row after another. */
  private final class Piece {
    private final long begin;
    private final long end;

    Piece(long begin, long end) {
      this.begin = begin;
      this.end = end;
    }

    NDList of(NDList whole, NDManager owner) {
      NDList parts = new NDList();
      whole.forEach(tensor -> parts.add(of(tensor, owner)));
      return parts;
    }

    NDArray of(NDArray whole, NDManager owner) {
      return kernels.call(owner, "piece", whole, begin, end);
    }
  }
}
