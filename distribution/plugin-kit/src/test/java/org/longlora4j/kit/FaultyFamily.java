package org.longlora4j.kit;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.model.ConfigKeys;
import org.longlora4j.api.model.Decoder;
import org.longlora4j.api.model.DecoderNames;
import org.longlora4j.api.model.DecoderOperations;
import org.longlora4j.api.model.DecoderShape;
import org.longlora4j.api.model.LayerProjections;
import org.longlora4j.api.model.ModelFamily;
import org.longlora4j.core.model.family.LlamaFamily;

/** Llama, and what a fault makes of its layers. */
public abstract class FaultyFamily implements ModelFamily {
  /** Computes one layer. */
  abstract NDArray layer(Decoder llama, int index, NDArray hidden, DecoderOperations operations);

  @Override
  public String architecture() {
    return getClass().getSimpleName() + "ForCausalLM";
  }

  @Override
  public Decoder read(ConfigKeys config) {
    return new Changed(new LlamaFamily().read(config));
  }

  private final class Changed implements Decoder {
    private final Decoder llama;

    Changed(Decoder llama) {
      this.llama = llama;
    }

    @Override
    public DecoderShape shape() {
      return llama.shape();
    }

    @Override
    public DecoderNames names() {
      return llama.names();
    }

    @Override
    public LayerProjections projections() {
      return llama.projections();
    }

    @Override
    public List<ModelModule> modules() {
      return llama.modules();
    }

    @Override
    public NDArray layer(int index, NDArray hidden, DecoderOperations operations) {
      return FaultyFamily.this.layer(llama, index, hidden, operations);
    }

    @Override
    public NDArray finalNorm(NDArray hidden, DecoderOperations operations) {
      return llama.finalNorm(hidden, operations);
    }
  }

  /** Adds to every position the one as far from the other end. */
  public static final class ForwardLooking extends FaultyFamily {
    @Override
    NDArray layer(Decoder llama, int index, NDArray hidden, DecoderOperations operations) {
      try (NDArray mirrored = hidden.flip(1);
          NDArray both = operations.add(hidden, mirrored)) {
        return llama.layer(index, both, operations);
      }
    }
  }

  /** Adds a second MLP, with a norm behind a last projection that may be left out. */
  public static final class NormBehindLast extends FaultyFamily {
    @Override
    NDArray layer(Decoder llama, int index, NDArray hidden, DecoderOperations operations) {
      String prefix = llama.names().layer(index);
      try (NDArray plain = llama.layer(index, hidden, operations)) {
        return operations.mlp(plain, plain, (x, parts) -> normed(x, parts, prefix));
      }
    }

    private static NDArray normed(NDArray x, DecoderOperations operations, String prefix) {
      try (NDArray up = operations.project(x, prefix + "mlp.up_proj");
          NDArray last = operations.projectLast(up, prefix + "mlp.down_proj")) {
        return operations.rmsNorm(last, prefix + "input_layernorm", 1e-5);
      }
    }
  }

  /** Adds to every position those before it, in a second MLP. */
  public static final class LookingBack extends FaultyFamily {
    @Override
    NDArray layer(Decoder llama, int index, NDArray hidden, DecoderOperations operations) {
      String prefix = llama.names().layer(index) + "mlp.";
      try (NDArray plain = llama.layer(index, hidden, operations)) {
        return operations.mlp(plain, plain, (x, parts) -> ofSums(x, parts, prefix));
      }
    }

    private static NDArray ofSums(NDArray x, DecoderOperations operations, String prefix) {
      try (NDArray sums = x.cumSum(1);
          NDArray up = operations.project(sums, prefix + "up_proj")) {
        return operations.projectLast(up, prefix + "down_proj");
      }
    }
  }
}
