package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.longlora4j.api.adapter.FrozenProjection;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ModelModule.Kind;
import org.longlora4j.api.adapter.ProjectionAdapter;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.tensor.TorchEngine;
import org.longlora4j.core.tensor.TorchServices;

/** Builds a model from a checkpoint, tensor by tensor: no weight is ever in memory twice. */
public final class ModelLoader {
  private final TorchEngine engine;
  private final TorchServices services;
  private final Kernels kernels;
  private final WeightReader reader;

  /** Compiles the decoder's kernels. */
  public ModelLoader(TorchServices services) {
    engine = services.engine();
    this.services = services;
    kernels = services.compiler().compile(CausalLanguageModel.class, "decoder.py");
    reader = new WeightReader(services.compiler());
  }

  /**
   * Loads a model.
   *
   * @param checkpoint open; may be closed afterwards
   * @param composition what becomes of it
   * @return the model, which the caller closes
   * @throws org.longlora4j.api.plugin.InvalidInputException if saved parameters do not fit
   * @throws IllegalStateException if the plan does not fit the checkpoint, or an adapter draws
   *     other parameters than it has
   */
  public CausalLanguageModel load(Checkpoint checkpoint, Composition composition) {
    PlanRules.require(composition.plan(), checkpoint.modules());
    NDManager manager = engine.newManager();
    boolean loaded = false;
    try {
      CausalLanguageModel model = new Assembly(checkpoint, composition, manager).assemble();
      loaded = true;
      return model;
    } finally {
      if (!loaded) {
        manager.close();
      }
    }
  }

  /** The loading of one model. */
  private final class Assembly {
    private final Checkpoint checkpoint;
    private final Composition composition;
    private final NDManager manager;
    private final TrainedParameters trained = new TrainedParameters();
    private final Map<String, DequantizationBuffer> buffers = new HashMap<>();
    private final Map<String, ModelModule> modules = new LinkedHashMap<>();

    Assembly(Checkpoint checkpoint, Composition composition, NDManager manager) {
      this.checkpoint = checkpoint;
      this.composition = composition;
      this.manager = manager;
      checkpoint.modules().forEach(module -> modules.put(module.name(), module));
    }

    CausalLanguageModel assemble() {
      ModelConfig config = checkpoint.config();
      NDArray embeddings = vector(config.names().embeddings(), "weight", composition.precision());
      DecoderWeights weights = weights(config);
      NDArray like = zeros(new Shape());
      return new CausalLanguageModel(
          config,
          composition.rotary(),
          composition.precision(),
          manager,
          services,
          new CausalLanguageModel.Parts(embeddings, weights, head(config, embeddings), like),
          trained);
    }

    private NDArray head(ModelConfig config, NDArray embeddings) {
      if (!config.tied()) {
        return vector(config.names().head(), "weight", composition.precision());
      }
      return composition.unties(config)
          ? weight(config.names().embeddings(), composition.precision())
          : embeddings;
    }

    /** What lies between embeddings and head, by the names of its family. */
    private DecoderWeights weights(ModelConfig config) {
      Map<String, Linear> projections = new HashMap<>();
      Map<String, DecoderWeights.Norm> norms = new HashMap<>();
      for (ModelModule module : config.decoder().modules()) {
        String name = config.named().naming().stored(module.name());
        if (module.kind() == Kind.PROJECTION) {
          projections.put(module.name(), linear(name));
        } else if (module.kind() == Kind.NORM) {
          norms.put(module.name(), norm(name));
        }
      }
      return new DecoderWeights(projections, norms);
    }

    private DecoderWeights.Norm norm(String name) {
      NDArray weight = vector(name, "weight", Precision.FLOAT32);
      Optional<NDArray> bias =
          modules.get(name).bias()
              ? Optional.of(vector(name, "bias", Precision.FLOAT32))
              : Optional.empty();
      return new DecoderWeights.Norm(weight, bias);
    }

    /** The weight of a module that is not a projection, or the bias of any. */
    private NDArray vector(String module, String kind, Precision frozen) {
      if (isTrained(module)) {
        return trainedWhole(module, kind);
      }
      return kind.equals("bias") ? bias(module, frozen) : weight(module, frozen);
    }

    private Linear linear(String name) {
      ModelModule module = modules.get(name);
      Optional<NDArray> bias =
          module.bias()
              ? Optional.of(vector(name, "bias", composition.precision()))
              : Optional.empty();
      Linear frozen = Linear.plain(kernels, services.tapes(), storedWeight(module), bias);
      ProjectionAdapter adapter = composition.plan().projections().get(name);
      return adapter == null ? frozen : frozen.wrapped(adapter, parameters(name, adapter, frozen));
    }

    private StoredWeight storedWeight(ModelModule module) {
      if (isTrained(module.name())) {
        return new StoredWeight.Plain(trainedWhole(module.name(), "weight"));
      }
      if (checkpoint.isQuantized(module)) {
        return dequantized(module, checkpoint.readQuantized(module, manager));
      }
      if (!composition.quantizes(module)) {
        return new StoredWeight.Plain(weight(module.name(), composition.precision()));
      }
      try (NDArray whole = weight(module.name(), Precision.FLOAT32)) {
        return dequantized(module, composition.quantizer().quantize(module, whole, manager));
      }
    }

    private StoredWeight dequantized(ModelModule module, QuantizedWeight weight) {
      return new StoredWeight.Dequantized(
          weight,
          buffers.computeIfAbsent(
              module.shortName(),
              role -> new DequantizationBuffer(zeros(module.weight()), composition.precision())));
    }

    /** Zeros in the session's precision. */
    private NDArray zeros(Shape shape) {
      return reader.zeros(shape, composition.precision(), manager);
    }

    private Map<String, NDArray> parameters(
        String module, ProjectionAdapter adapter, Linear frozen) {
      Map<String, NDArray> parameters = new LinkedHashMap<>();
      if (composition.saved().isPresent()) {
        adapter
            .parameters()
            .forEach((name, shape) -> parameters.put(name, saved(module + "." + name, shape)));
      } else {
        FrozenProjection beginning =
            new ProjectionAsLoaded(frozen, owner -> original(modules.get(module), owner));
        parameters.putAll(adapter.initialize(beginning, random(module), manager));
        requireDrawn(module, adapter.parameters(), parameters);
      }
      adapter
          .parameters()
          .keySet()
          .forEach(name -> register(module + "." + name, parameters.get(name)));
      return Map.copyOf(parameters);
    }

    private Optional<NDArray> original(ModelModule module, NDManager owner) {
      return composition.quantizes(module) && !checkpoint.isQuantized(module)
          ? Optional.of(reader.weight(checkpoint, module, Precision.FLOAT32, owner))
          : Optional.empty();
    }

    private static void requireDrawn(
        String module, Map<String, Shape> expected, Map<String, NDArray> drawn) {
      if (!drawn.keySet().equals(expected.keySet())) {
        throw new IllegalStateException(
            "%s: the adapter initialized the parameters %s, must be %s"
                .formatted(module, drawn.keySet(), expected.keySet()));
      }
      drawn.forEach(
          (name, parameter) -> {
            if (!parameter.getShape().equals(expected.get(name))
                || parameter.getDataType() != DataType.FLOAT32) {
              throw new IllegalStateException(
                  "%s: the adapter initialized %s as %s of the shape %s, must be float32 of %s"
                      .formatted(
                          module,
                          name,
                          parameter.getDataType(),
                          parameter.getShape(),
                          expected.get(name)));
            }
          });
    }

    private RandomGenerator random(String module) {
      long seed = composition.seed() * 0x9E3779B97F4A7C15L + module.hashCode();
      return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    private NDArray trainedWhole(String module, String kind) {
      String name = module + "." + kind;
      Shape weight = modules.get(module).weight();
      NDArray parameter =
          composition.saved().isPresent()
              ? saved(name, kind.equals("bias") ? weight.slice(0, 1) : weight)
              : kind.equals("bias")
                  ? bias(module, Precision.FLOAT32)
                  : weight(module, Precision.FLOAT32);
      register(name, parameter);
      return parameter;
    }

    private NDArray saved(String name, Shape shape) {
      return composition.saved().orElseThrow().read(name, shape, manager);
    }

    private void register(String name, NDArray parameter) {
      parameter.setRequiresGradient(composition.training());
      trained.add(name, parameter);
    }

    private boolean isTrained(String module) {
      return composition.plan().trained().contains(module);
    }

    private NDArray weight(String module, Precision precision) {
      return reader.weight(checkpoint, modules.get(module), precision, manager);
    }

    private NDArray bias(String module, Precision precision) {
      return reader.tensor(checkpoint, module + ".bias", precision, manager);
    }
  }
}
