package org.longlora4j.kit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.inject.Binder;
import com.google.inject.Inject;
import java.util.Map;
import org.longlora4j.api.attention.AttentionCost;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.api.attention.CausalAttention;
import org.longlora4j.api.model.ModelFamily;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.train.Optimizer;

/** Extensions with one fault each. */
public final class FaultyPlugin implements Plugin {
  @Override
  public void configure(Binder binder) {
    new ExtensionBinder(binder)
        .bind(AttentionPattern.class, "looking-ahead", LookingAhead.class)
        .bind(AttentionPattern.class, "leaking", Leaking.class)
        .bind(AttentionPattern.class, "miscounting", Miscounting.class)
        .bind(AttentionPattern.class, "cutting-gradients", CuttingGradients.class)
        .bind(AttentionPattern.class, "undocumented", Leaking.class, Undocumented.class)
        .bind(Optimizer.class, "remembering", Remembering.class)
        .bind(WeightQuantizer.class, "unreadable", UnreadableQuantizer.class)
        .bind(ModelFamily.class, "forward-looking", FaultyFamily.ForwardLooking.class)
        .bind(ModelFamily.class, "norm-behind-last", FaultyFamily.NormBehindLast.class)
        .bind(ModelFamily.class, "looking-back", FaultyFamily.LookingBack.class);
  }

  record Undocumented(@Option(" ") int size) {}

  /** Dense attention, and what a fault makes of it. */
  private abstract static class Faulty implements AttentionPattern {
    private final CausalAttention dense;

    Faulty(CausalAttention dense) {
      this.dense = dense;
    }

    final NDArray dense(NDArray query, NDArray key, NDArray value) {
      return dense.attend(query, key, value);
    }

    @Override
    public AttentionCost cost(AttentionShape shape, AttentionLayer layer) {
      long rows = (long) shape.batch() * shape.heads();
      return new AttentionCost(rows * AttentionCost.causalPairs(shape.length()), 0);
    }
  }

  /** Attends from the end to the beginning. */
  static final class LookingAhead extends Faulty {
    @Inject
    LookingAhead(CausalAttention dense) {
      super(dense);
    }

    @Override
    public NDArray attend(NDArray query, NDArray key, NDArray value, AttentionLayer layer) {
      try (NDArray lastQuery = query.flip(2);
          NDArray lastKey = key.flip(2);
          NDArray lastValue = value.flip(2);
          NDArray output = dense(lastQuery, lastKey, lastValue)) {
        return output.flip(2);
      }
    }
  }

  /** Leaves a tensor behind. */
  static final class Leaking extends Faulty {
    @Inject
    Leaking(CausalAttention dense) {
      super(dense);
    }

    @Override
    public NDArray attend(NDArray query, NDArray key, NDArray value, AttentionLayer layer) {
      query.getManager().ones(new Shape(1));
      return dense(query, key, value);
    }
  }

  /** Says that each query sees all positions. */
  static final class Miscounting extends Faulty {
    @Inject
    Miscounting(CausalAttention dense) {
      super(dense);
    }

    @Override
    public NDArray attend(NDArray query, NDArray key, NDArray value, AttentionLayer layer) {
      return dense(query, key, value);
    }

    @Override
    public AttentionCost cost(AttentionShape shape, AttentionLayer layer) {
      long length = shape.length();
      return new AttentionCost(length * length * shape.batch() * shape.heads(), 0);
    }
  }

  /** Lets no gradient reach the keys. */
  static final class CuttingGradients extends Faulty {
    @Inject
    CuttingGradients(CausalAttention dense) {
      super(dense);
    }

    @Override
    public NDArray attend(NDArray query, NDArray key, NDArray value, AttentionLayer layer) {
      try (NDArray cut = key.stopGradient();
          NDArray zero = key.mul(0);
          NDArray connected = cut.add(zero)) {
        return dense(query, connected, value);
      }
    }
  }

  /** Keeps its momentum in a field, where no checkpoint finds it. */
  static final class Remembering implements Optimizer {
    private float velocity;

    @Inject
    Remembering() {}

    @Override
    public Map<String, NDArray> initialState(Shape shape, NDManager owner) {
      return Map.of("steps", owner.zeros(new Shape(1)));
    }

    @Override
    public long stateBytes(Shape shape) {
      return Float.BYTES;
    }

    @Override
    public void step(
        NDArray parameter, NDArray gradient, Map<String, NDArray> state, Update update) {
      velocity = 0.9f * velocity + 1;
      float rate = (float) (update.learningRate() * update.gradientScale() * velocity);
      try (NDArray change = gradient.mul(rate)) {
        parameter.subi(change);
      }
    }
  }
}
