package org.longlora4j.kit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.longlora4j.kit.KitKernels.SERVICES;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.quantization.QuantizedFormat;
import org.longlora4j.api.quantization.QuantizedStorage;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.quantization.StoredWeights;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.core.checkpoint.RegisteredFormats;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.SafetensorsWriter;
import org.longlora4j.core.tensor.TensorWriter;

/**
 * A checkpoint of one quantized weight.
 *
 * @param module whose weight it is
 * @param storage how it is kept
 * @param file where it is
 */
record KeptWeight(ModelModule module, QuantizedStorage storage, Path file) {
  void write(QuantizedWeight weight, NDManager owner) throws IOException {
    QuantizedStorage.Layout layout = storage.layout(module);
    QuantizedStorage.Contents contents = storage.contents(module, weight, ElementType.F32, owner);
    try (SafetensorsWriter out =
        new SafetensorsWriter(file, Map.of(), layout.tensors(), layout.texts())) {
      for (Map.Entry<String, NDArray> tensor : contents.tensors().entrySet()) {
        out.begin(tensor.getKey());
        TensorWriter.writeBytes(tensor.getValue(), out);
      }
      contents.texts().forEach((name, text) -> out.text(name, text.getBytes(US_ASCII)));
      out.commit();
    }
  }

  /**
   * Reads it by the format that {@code quantization_config} calls for.
   *
   * @param quantizer the name that the format must give
   */
  QuantizedWeight read(ExtensionRegistry registry, String quantizer, NDManager owner)
      throws IOException {
    StoredWeights weights = weights(registry);
    assertThat(weights.quantizer()).as("the quantizer that the format names").isEqualTo(quantizer);
    QuantizedStorage.Layout layout = storage.layout(module);
    Set<String> all = new HashSet<>(layout.tensors().keySet());
    all.addAll(layout.texts());
    try (SafetensorsFile checkpoint = SafetensorsFile.openUnmapped(file)) {
      assertThat(weights.tensors(module, checkpoint, refusing("StoredWeights.tensors")))
          .as("the tensors of which the weight consists, for the format")
          .isEqualTo(all);
      return weights.read(module, checkpoint, owner);
    }
  }

  private StoredWeights weights(ExtensionRegistry registry) throws IOException {
    ObjectMapper json = new ObjectMapper();
    Map<String, Object> config =
        json.readValue(
            json.writeValueAsBytes(storage.config(ElementType.F32)), new TypeReference<>() {});
    assertThat(config).as("quantization_config").containsKey("quant_method");
    String method = String.valueOf(config.get("quant_method")).toLowerCase(Locale.ROOT);
    QuantizedFormat format =
        new RegisteredFormats(registry, SERVICES)
            .find(method)
            .orElseThrow(
                () ->
                    new AssertionError(
                        ("no QuantizedFormat is bound under '%s', the quant_method of what is kept"
                                + " in lower case: no command could open the checkpoint")
                            .formatted(method)));
    return format.read(config, refusing("QuantizedFormat.read"));
  }

  private static Problems refusing(String where) {
    return (key, message) -> {
      throw new AssertionError(where + " refused what was kept: " + key + ": " + message);
    };
  }
}
