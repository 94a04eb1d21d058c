package ${package};

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ModelModule.Kind;
import org.longlora4j.api.model.Decoder;
import org.longlora4j.api.model.DecoderNames;
import org.longlora4j.api.model.DecoderOperations;
import org.longlora4j.api.model.DecoderShape;
import org.longlora4j.api.model.LayerProjections;

/**
 * Attention and MLP both read one norm of the layer's input, and both are added to it.
 *
 * @param shape its sizes
 * @param epsilon of the norms
 * @param tied whether the embeddings are the output head
 */
record ParallelDecoder(DecoderShape shape, double epsilon, boolean tied) implements Decoder {
  private static final DecoderNames NAMES =
      new DecoderNames("model.embed_tokens", "model.layers", "model.norm", "lm_head");

  @Override
  public DecoderNames names() {
    return NAMES;
  }

  @Override
  public LayerProjections projections() {
    // Before and behind the activation, the MLP keeps two tensors for the backward pass.
    return new LayerProjections(
        List.of("q_proj", "k_proj", "v_proj"), "o_proj", List.of("up_proj"), "down_proj", 2);
  }

  @Override
  public List<ModelModule> modules() {
    Shape vocabulary = new Shape(shape.vocabularySize(), shape.hiddenSize());
    List<ModelModule> modules = new ArrayList<>();
    modules.add(new ModelModule(NAMES.embeddings(), Kind.EMBEDDING, vocabulary, false));
    for (int layer = 0; layer < shape.layers(); layer++) {
      addLayer(NAMES.layer(layer), modules);
    }
    modules.add(norm(NAMES.finalNorm()));
    if (!tied) {
      modules.add(new ModelModule(NAMES.head(), Kind.HEAD, vocabulary, false));
    }
    return modules;
  }

  private void addLayer(String prefix, List<ModelModule> modules) {
    int hidden = shape.hiddenSize();
    int attended = shape.heads() * shape.headDim();
    modules.add(norm(prefix + "norm"));
    modules.add(projection(prefix + "attention.q_proj", attended, hidden));
    modules.add(projection(prefix + "attention.k_proj", attended, hidden));
    modules.add(projection(prefix + "attention.v_proj", attended, hidden));
    modules.add(projection(prefix + "attention.o_proj", hidden, attended));
    modules.add(projection(prefix + "mlp.up_proj", shape.intermediateSize(), hidden));
    modules.add(projection(prefix + "mlp.down_proj", hidden, shape.intermediateSize()));
  }

  private ModelModule norm(String name) {
    return new ModelModule(name, Kind.NORM, new Shape(shape.hiddenSize()), true);
  }

  private static ModelModule projection(String name, int outFeatures, int inFeatures) {
    return new ModelModule(name, Kind.PROJECTION, new Shape(outFeatures, inFeatures), false);
  }

  @Override
  public NDArray layer(int index, NDArray hidden, DecoderOperations operations) {
    String prefix = NAMES.layer(index);
    try (NDArray normed = operations.layerNorm(hidden, prefix + "norm", epsilon);
        NDArray attended = attention(index, normed, operations, prefix);
        NDArray middle = operations.add(hidden, attended)) {
      return operations.mlp(middle, normed, (x, parts) -> mlp(x, parts, prefix));
    }
  }

  private static NDArray mlp(NDArray normed, DecoderOperations operations, String prefix) {
    try (NDArray wide = operations.project(normed, prefix + "mlp.up_proj");
        NDArray bent = operations.gelu(wide)) {
      return operations.projectLast(bent, prefix + "mlp.down_proj");
    }
  }

  private static NDArray attention(
      int index, NDArray normed, DecoderOperations operations, String prefix) {
    try (NDArray query = operations.project(normed, prefix + "attention.q_proj");
        NDArray key = operations.project(normed, prefix + "attention.k_proj");
        NDArray value = operations.project(normed, prefix + "attention.v_proj");
        NDArray mixed = operations.attend(index, query, key, value)) {
      return operations.project(mixed, prefix + "attention.o_proj");
    }
  }

  @Override
  public NDArray finalNorm(NDArray hidden, DecoderOperations operations) {
    return operations.layerNorm(hidden, NAMES.finalNorm(), epsilon);
  }
}
