package org.longlora4j.core.plan;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ModelModule.Kind;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.train.PreparedRun;

/** The memory of a model's weights, module by module, as the loader will store them. */
final class WeightMemory {
  private final PreparedRun.Parts parts;
  private final Composition composition;
  private final boolean trainsEmbeddings;
  private long frozen;
  private long scales;
  private final Map<String, Long> buffers = new HashMap<>(); // by role
  private final List<Shape> trained = new ArrayList<>();

  WeightMemory(ModelConfig config, PreparedRun.Parts parts, Precision precision) {
    this.parts = parts;
    this.composition =
        new Composition(
            parts.plan(),
            parts.quantizer(),
            config.rotary().withScaling(parts.scaling()),
            precision,
            Optional.empty(),
            0,
            true);
    config.modules().forEach(this::add);
    trainsEmbeddings = parts.plan().trained().contains(config.names().embeddings());
    if (composition.unties(config)) {
      frozen += (long) config.vocabularySize() * config.hiddenSize() * precision.bytes();
    }
  }

  private void add(ModelModule module) {
    int session = composition.precision().bytes();
    Shape bias = module.weight().slice(0, 1);
    if (parts.plan().trained().contains(module.name())) {
      trained.add(module.weight());
      if (module.bias()) {
        trained.add(bias);
      }
      return;
    }
    int bytes = module.kind() == Kind.NORM ? Float.BYTES : session;
    if (module.bias()) {
      frozen += bias.size() * bytes;
    }
    if (composition.quantizes(module)) {
      addQuantized(module);
    } else {
      frozen += module.weight().size() * bytes;
    }
    if (parts.plan().projections().containsKey(module.name())) {
      trained.addAll(parts.plan().projections().get(module.name()).parameters().values());
    }
  }

  private void addQuantized(ModelModule module) {
    long ofScales = parts.quantizer().scaleBytes(module);
    scales += ofScales;
    frozen += parts.quantizer().storedBytes(module) - ofScales;
    buffers.put(module.shortName(), module.weight().size() * composition.precision().bytes());
  }

  long frozenBytes() {
    return frozen;
  }

  long scaleBytes() {
    return scales;
  }

  long readBackBytes() {
    return buffers.values().stream().mapToLong(Long::longValue).sum();
  }

  long trainedBytes() {
    return trained.stream().mapToLong(Shape::size).sum() * Float.BYTES;
  }

  long optimizerBytes() {
    return trained.stream().mapToLong(parts.optimizer()::stateBytes).sum();
  }

  long largestTrainedBytes() {
    return trained.stream().mapToLong(Shape::size).max().orElse(0) * Float.BYTES;
  }

  boolean trainsEmbeddings() {
    return trainsEmbeddings;
  }
}
