package org.longlora4j.core.model.family;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ModelModule.Kind;
import org.longlora4j.api.model.DecoderNames;
import org.longlora4j.api.model.DecoderShape;

/** Lists the modules of a decoder whose layers are all alike. */
final class DecoderModules {
  private final DecoderShape shape;
  private final boolean normBias;
  private final List<ModelModule> modules = new ArrayList<>();
  private String prefix = "";

  private DecoderModules(DecoderShape shape, boolean normBias) {
    this.shape = shape;
    this.normBias = normBias;
  }

  /**
   * All modules in the order in which they act.
   *
   * @param shape the decoder's sizes
   * @param names what it calls its parts
   * @param tied whether there is no head
   * @param normBias whether norms have a bias
   * @param layer adds the modules of one layer, by their names within it
   */
  static List<ModelModule> list(
      DecoderShape shape,
      DecoderNames names,
      boolean tied,
      boolean normBias,
      Consumer<DecoderModules> layer) {
    DecoderModules list = new DecoderModules(shape, normBias);
    Shape vocabulary = new Shape(shape.vocabularySize(), shape.hiddenSize());
    list.modules.add(new ModelModule(names.embeddings(), Kind.EMBEDDING, vocabulary, false));
    for (int i = 0; i < shape.layers(); i++) {
      list.prefix = names.layer(i);
      layer.accept(list);
    }
    list.prefix = "";
    list.norm(names.finalNorm());
    if (!tied) {
      list.modules.add(new ModelModule(names.head(), Kind.HEAD, vocabulary, false));
    }
    return List.copyOf(list.modules);
  }

  DecoderModules norm(String name) {
    modules.add(new ModelModule(prefix + name, Kind.NORM, new Shape(shape.hiddenSize()), normBias));
    return this;
  }

  DecoderModules projection(String name, int out, int in, boolean bias) {
    modules.add(new ModelModule(prefix + name, Kind.PROJECTION, new Shape(out, in), bias));
    return this;
  }
}
