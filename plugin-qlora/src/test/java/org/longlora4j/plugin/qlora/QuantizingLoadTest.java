package org.longlora4j.plugin.qlora;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.model.ModelLoader;
import org.longlora4j.core.tensor.TorchServices;

/** A model that is quantized while it is loaded is never in memory as floats. */
class QuantizingLoadTest {
  private static final TorchServices SERVICES = new TorchServices();
  private static final int LAYERS = 12;
  private static final int HIDDEN = 128;
  private static final int INTERMEDIATE = 384;

  @AfterAll
  static void close() {
    SERVICES.close();
  }

  /** Quantizes to NF4, and notes the most that the model's tensors took at that moment. */
  private static final class Watched implements WeightQuantizer {
    private final Nf4Quantizer nf4 =
        new Nf4Quantizer(new FourBitOptions(64, true), SERVICES.compiler());
    private long mostBytes;

    @Override
    public boolean quantizes(ModelModule module) {
      return nf4.quantizes(module);
    }

    @Override
    public QuantizedWeight quantize(ModelModule module, NDArray weight, NDManager owner) {
      note(owner); // the weight as floats is among it
      QuantizedWeight quantized = nf4.quantize(module, weight, owner);
      note(owner);
      return quantized;
    }

    private void note(NDManager owner) {
      long bytes = owner.getManagedArrays().stream().mapToLong(QuantizingLoadTest::bytes).sum();
      mostBytes = Math.max(mostBytes, bytes);
    }

    @Override
    public long storedBytes(ModelModule module) {
      return nf4.storedBytes(module);
    }
  }

  /** The engine's API has no name for bfloat16. */
  private static long bytes(NDArray tensor) {
    DataType type = tensor.getDataType();
    return tensor.size() * (type == DataType.UNKNOWN ? 2 : type.getNumOfBytes());
  }

  private static ModelConfig config() {
    Map<String, Object> keys = new HashMap<>();
    keys.put("model_type", "llama");
    keys.put("hidden_size", HIDDEN);
    keys.put("intermediate_size", INTERMEDIATE);
    keys.put("num_hidden_layers", LAYERS);
    keys.put("num_attention_heads", 4);
    keys.put("max_position_embeddings", 64);
    keys.put("vocab_size", 64);
    keys.put("dtype", "bfloat16");
    return ModelConfig.of(keys, Path.of("recipe.yaml"), "model.init");
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void oneWeightAtATimeIsThereAsFloats(Precision precision) {
    ModelConfig config = config();
    Watched quantizer = new Watched();
    try (Checkpoint checkpoint = Checkpoint.random(config, 1, Optional.empty());
        CausalLanguageModel model =
            new ModelLoader(SERVICES)
                .load(
                    checkpoint,
                    new Composition(
                        new AdapterPlan(Map.of(), Set.of(), Optional.empty()),
                        quantizer,
                        config.rotary(),
                        precision,
                        Optional.empty(),
                        0,
                        false))) {
      long largestWeight = (long) HIDDEN * INTERMEDIATE * Float.BYTES;
      long asFloats =
          checkpoint.modules().stream().mapToLong(module -> module.weight().size()).sum()
              * precision.bytes();
      assertThat(quantizer.mostBytes).isLessThanOrEqualTo(model.bytes() + largestWeight);
      assertThat(model.bytes() + largestWeight).isLessThan(asFloats);
      long quantized =
          checkpoint.modules().stream()
              .filter(quantizer::quantizes)
              .mapToLong(quantizer::storedBytes)
              .sum();
      long buffers = (4L * HIDDEN * HIDDEN + 3L * HIDDEN * INTERMEDIATE) * precision.bytes();
      long embeddingsAndHead = 2L * 64 * HIDDEN * precision.bytes();
      long norms = (2L * LAYERS + 1) * HIDDEN * Float.BYTES;
      assertThat(model.bytes())
          .isBetween(
              quantized + buffers + embeddingsAndHead + norms,
              quantized + buffers + embeddingsAndHead + norms + 8);
    }
  }
}
