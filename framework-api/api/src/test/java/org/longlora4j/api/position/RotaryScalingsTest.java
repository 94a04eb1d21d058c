package org.longlora4j.api.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RotaryScalingsTest {
  private static final double ONE_MILLIONTH = 1e-4; // in percent

  static Stream<Arguments> published() throws IOException {
    try (InputStream json = RotaryScalingsTest.class.getResourceAsStream("/golden/rope.json")) {
      List<Map<String, Object>> cases =
          new ObjectMapper().readValue(json, new TypeReference<>() {});
      assertThat(cases).hasSize(16);
      return cases.stream().map(one -> Arguments.of(one.get("rope_type"), one.get("seq_len"), one));
    }
  }

  @ParameterizedTest(name = "{0} at {1}")
  @MethodSource("published")
  void frequenciesAreThoseOfTransformers(String type, int length, Map<String, Object> published) {
    RotaryScaling scaling = RotaryScalings.fromConfig(config(type, published));
    RotaryFrequencies frequencies = embedding(published).withScaling(scaling).frequencies(length);
    List<?> expected = (List<?>) published.get("inv_freq");
    assertThat(frequencies.inverse()).hasSize(expected.size());
    for (int i = 0; i < expected.size(); i++) {
      assertThat((double) frequencies.inverse()[i])
          .isCloseTo((Double) expected.get(i), withinPercentage(ONE_MILLIONTH));
    }
    assertThat(frequencies.attentionScaling())
        .isCloseTo(number(published, "attention_scaling"), withinPercentage(ONE_MILLIONTH));
  }

  @ParameterizedTest(name = "{0} at {1}")
  @MethodSource("published")
  void whatIsWrittenReadsBackTheSame(String type, int length, Map<String, Object> published) {
    RotaryScaling scaling = RotaryScalings.fromConfig(config(type, published));
    assertThat(scaling.parameters()).containsEntry("rope_type", type);
    assertThat(RotaryScalings.fromConfig(scaling.parameters())).isEqualTo(scaling);
  }

  private static Map<String, Object> config(String type, Map<String, Object> published) {
    Map<String, Object> config = new HashMap<>();
    ((Map<?, ?>) published.get("params")).forEach((key, value) -> config.put((String) key, value));
    config.put("rope_type", type);
    config.put(
        "original_max_position_embeddings", published.get("original_max_position_embeddings"));
    return config;
  }

  private static RotaryEmbedding embedding(Map<String, Object> published) {
    return new RotaryEmbedding(
        (int) number(published, "head_dim"),
        number(published, "rope_theta"),
        (int) number(published, "original_max_position_embeddings"),
        new UnscaledRotary());
  }

  private static double number(Map<String, Object> values, String key) {
    return ((Number) values.get(key)).doubleValue();
  }

  @Test
  void noEntriesMeanNoScaling() {
    assertThat(RotaryScalings.fromConfig(Map.of())).isEqualTo(new UnscaledRotary());
  }

  @Test
  void theOlderSpellingOfTheTypeIsRead() {
    assertThat(RotaryScalings.fromConfig(Map.of("type", "linear", "factor", 4)))
        .isEqualTo(new LinearScaling(4));
    assertThat(
            RotaryScalings.fromConfig(
                Map.of("type", "su", "short_factor", List.of(1), "long_factor", List.of(2.5))))
        .isInstanceOf(LongRopeScaling.class);
  }

  @Test
  void anUnknownTypeIsNamedWithTheKnownOnes() {
    assertRefused(
        Map.of("rope_type", "cubic"),
        "rope_type is 'cubic', must be one of default, linear, dynamic, yarn, llama3, longrope");
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear", "dynamic", "yarn", "llama3"})
  void aMissingFactorIsNamed(String type) {
    assertRefused(Map.of("rope_type", type), "factor is missing, must be a number");
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear", "dynamic", "yarn"})
  void aFactorBelowOneIsRefused(String type) {
    assertRefused(Map.of("rope_type", type, "factor", 0.5), "factor is 0.5, must be at least 1");
  }

  @Test
  void anEntryOfAWrongKindIsNamed() {
    assertRefused(
        Map.of("rope_type", "linear", "factor", "four"), "factor is 'four', must be a number");
    assertRefused(
        Map.of("rope_type", "yarn", "factor", 2, "truncate", "no"),
        "truncate is 'no', must be true or false");
    assertRefused(
        Map.of("rope_type", "longrope", "short_factor", List.of("a"), "long_factor", List.of(1)),
        "short_factor must be a list of numbers");
    assertRefused(
        Map.of("rope_type", "longrope", "short_factor", List.of(1)),
        "long_factor must be a list of numbers");
  }

  @Test
  void entriesThatContradictEachOtherAreRefused() {
    assertRefused(
        Map.of("rope_type", "yarn", "factor", 2, "beta_fast", 1, "beta_slow", 2),
        "beta_fast must be greater than beta_slow");
    assertRefused(
        Map.of(
            "rope_type",
            "llama3",
            "factor",
            8,
            "low_freq_factor",
            4,
            "high_freq_factor",
            4,
            "original_max_position_embeddings",
            8192),
        "high_freq_factor must be greater than low_freq_factor");
    assertRefused(
        Map.of("rope_type", "longrope", "short_factor", List.of(1), "long_factor", List.of(1, 2)),
        "short_factor and long_factor differ in length");
  }

  @Test
  void longRopeListsMustFitTheHead() {
    RotaryScaling scaling =
        RotaryScalings.fromConfig(
            Map.of("rope_type", "longrope", "short_factor", List.of(1), "long_factor", List.of(1)));
    assertThatThrownBy(() -> new RotaryEmbedding(64, 10000, 4096, scaling).frequencies(4096))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "short_factor and long_factor have 1 entries, must have 32: half the rotated"
                + " dimensions of a head");
  }

  private static void assertRefused(Map<String, Object> config, String message) {
    assertThatThrownBy(() -> RotaryScalings.fromConfig(config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
