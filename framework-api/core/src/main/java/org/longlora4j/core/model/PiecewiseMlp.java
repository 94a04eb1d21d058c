package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.core.tensor.GradientTape;
import org.longlora4j.core.tensor.GradientTapes;
import org.longlora4j.core.tensor.KnownGradient;

/**
 * What a layer ends with, computed some positions at a time, and again for its gradients: of what
 * lies between its input and its result no more exists than one piece's (Sequence Tiling,
 * arXiv:2506.13996).
 */
final class PiecewiseMlp implements KnownGradient {
  /** So many that weights, laid out anew for each piece's products, matter little. */
  private static final int POSITIONS = 4096;

  private final Kernels kernels;
  private final GradientTapes tapes;
  private final Passes passes;

  /**
   * What it computes, from a piece of each input, (rows, positions, hiddenSize), to its result.
   *
   * @param first the first time; if it is missing, values do not matter
   * @param again for gradients: the values of its result mean nothing
   * @param draws called before either, so that they draw the same
   * @param stages told when it runs again, and when that is done
   */
  record Passes(Optional<Pass> first, Pass again, Runnable draws, LayerStages stages) {}

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
    NDArray like = inputs.head();
    return passes
        .first
        .map(pass -> inPieces(pass, inputs))
        .orElseGet(() -> kernels.call(like.getManager(), "zeros", like));
  }

  private NDArray inPieces(Pass pass, NDList inputs) {
    passes.draws.run();
    NDArray like = inputs.head();
    List<Piece> pieces = pieces(like);
    if (pieces.size() == 1) {
      return pass.run(inputs);
    }
    try (NDManager scope = like.getManager().newSubManager()) {
      NDList results = new NDList();
      for (Piece piece : pieces) {
        results.add(pass.run(piece.of(inputs, scope)));
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
        NDList gradients = gradients(piece, inputs, gradient, scope);
        for (int i = 0; i < gradients.size(); i++) {
          byInput.get(i).add(gradients.get(i));
        }
      }
      NDList whole = new NDList();
      byInput.forEach(pieces -> whole.add(together(pieces, gradient, owner)));
      return whole;
    }
  }

  /** The gradients of a piece of the inputs: all else that it takes is gone behind it. */
  private NDList gradients(Piece piece, NDList whole, NDArray gradient, NDManager owner) {
    try (NDManager scope = owner.newSubManager();
        GradientTape tape = tapes.open(scope)) {
      NDList inputs = piece.of(whole, scope);
      inputs.forEach(tape::watch);
      passes.stages.turnToRecomputation();
      NDArray result = tape.record(() -> passes.again.run(inputs));
      passes.stages.turnToGradients();
      tape.backward(result, piece.of(gradient, scope));
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
      return kernels.call(owner, "piece", whole, begin, end - begin);
    }
  }
}
