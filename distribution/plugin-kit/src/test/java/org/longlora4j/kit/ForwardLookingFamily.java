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

/** A Llama that adds to every position the one as far from the other end. */
public final class ForwardLookingFamily implements ModelFamily {
  @Override
  public String architecture() {
    return "ForwardLookingForCausalLM";
  }

  @Override
  public Decoder read(ConfigKeys config) {
    return new Mirrored(new LlamaFamily().read(config));
  }

  private record Mirrored(Decoder llama) implements Decoder {
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
      try (NDArray mirrored = hidden.flip(1);
          NDArray both = operations.add(hidden, mirrored)) {
        return llama.layer(index, both, operations);
      }
    }

    @Override
    public NDArray finalNorm(NDArray hidden, DecoderOperations operations) {
      return llama.finalNorm(hidden, operations);
    }
  }
}
