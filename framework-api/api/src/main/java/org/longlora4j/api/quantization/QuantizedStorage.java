package org.longlora4j.api.quantization;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.osgi.annotation.versioning.ConsumerType;

/** How a checkpoint keeps the weights that a {@link WeightQuantizer} quantized. */
@ConsumerType
public interface QuantizedStorage {
  /**
   * What a checkpoint's config.json says under {@code quantization_config}.
   *
   * @param computeType the number format of what is not quantized
   * @return keys and values, of which some may be null
   */
  Map<String, Object> config(ElementType computeType);

  /**
   * The tensors that a weight will consist of, told from its shape alone: a file's header comes
   * before what it describes.
   *
   * @param module one that the quantizer accepts
   */
  Layout layout(ModelModule module);

  /**
   * A weight in the form of {@link #layout}.
   *
   * @param module whose weight it is
   * @param weight as the quantizer made it
   * @param original the number format that the weight had before it was quantized
   * @param owner who closes what has to be made; the weight's own tensors stay its owner's
   */
  Contents contents(
      ModelModule module, QuantizedWeight weight, ElementType original, NDManager owner);

  /**
   * The tensors of a weight.
   *
   * @param tensors type and shape of those of numbers, by their full names
   * @param texts the full names of those that hold the bytes of a text of at most 64 KiB
   */
  record Layout(Map<String, TensorEntry> tensors, Set<String> texts) {
    /** Copies the collections; {@code tensors} keeps its order. */
    public Layout {
      tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
      texts = Set.copyOf(texts);
    }
  }

  /**
   * What the tensors of a weight hold.
   *
   * @param tensors numbers, by the names of {@link Layout#tensors}
   * @param texts ASCII texts, by the names of {@link Layout#texts}
   */
  record Contents(Map<String, NDArray> tensors, Map<String, String> texts) {
    /** Copies the collections. */
    public Contents {
      tensors = Map.copyOf(tensors);
      texts = Map.copyOf(texts);
    }
  }
}
