package org.longlora4j.plugin.s2attn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.GradientTape;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.TensorReader;
import org.longlora4j.core.tensor.TorchServices;
import org.longlora4j.plugin.s2attn.ShiftedSparseAttention.Variant;

class PublishedAttentionTest {
  private static final TorchServices SERVICES = new TorchServices();
  private static final SafetensorsFile GOLDEN = SafetensorsFile.open(golden("s2attn.safetensors"));

  /** One call of the published code. */
  record Published(String key, int length, double groupRatio) {
    Variant variant() {
      return Variant.valueOf(key.substring(key.indexOf('.') + 1).toUpperCase(Locale.ROOT));
    }
  }

  @AfterAll
  static void close() {
    GOLDEN.close();
    SERVICES.close();
  }

  static Stream<Published> published() throws IOException {
    List<Published> cases = new ArrayList<>();
    for (JsonNode node : new ObjectMapper().readTree(golden("s2attn.json").toFile())) {
      cases.add(
          new Published(
              node.get("key").asText(),
              node.get("length").asInt(),
              node.get("group_size_ratio").asDouble()));
    }
    assertThat(cases).hasSize(10);
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("published")
  void outputsAndGradientsAreThePublishedOnes(Published published) {
    ShiftedSparseAttention attention =
        new ShiftedSparseAttention(
            new ShiftedSparseAttention.Options(
                published.variant(),
                OptionalDouble.of(published.groupRatio()),
                OptionalInt.empty()),
            SERVICES.causalAttention(),
            SERVICES.compiler());
    AttentionLayer layer = new AttentionLayer(0, 1, published.length());
    try (NDManager owner = SERVICES.engine().newManager();
        GradientTape tape = SERVICES.tapes().open(owner)) {
      NDArray query = read(published, "q", owner);
      NDArray key = read(published, "k", owner);
      NDArray value = read(published, "v", owner);
      List.of(query, key, value).forEach(leaf -> leaf.setRequiresGradient(true));
      NDArray output = tape.record(() -> attention.attend(query, key, value, layer));
      tape.backward(output, read(published, "d_out", owner));
      assertClose(output, read(published, "out", owner));
      assertClose(Autograd.gradient(query), read(published, "dq", owner));
      assertClose(Autograd.gradient(key), read(published, "dk", owner));
      assertClose(Autograd.gradient(value), read(published, "dv", owner));
    }
  }

  private static NDArray read(Published published, String tensor, NDManager owner) {
    return new TensorReader(SERVICES.compiler())
        .read(GOLDEN, published.key() + "." + tensor, Precision.FLOAT32, owner);
  }

  private static void assertClose(NDArray actual, NDArray expected) {
    assertThat(actual.getShape()).isEqualTo(expected.getShape());
    float[] values = actual.toFloatArray();
    float[] published = expected.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i])
          .isCloseTo(published[i], within(1e-5f * Math.max(1, Math.abs(published[i]))));
    }
  }

  private static Path golden(String name) {
    try {
      return Path.of(PublishedAttentionTest.class.getResource("/golden/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
