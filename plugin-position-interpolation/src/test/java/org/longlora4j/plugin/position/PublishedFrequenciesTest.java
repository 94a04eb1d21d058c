package org.longlora4j.plugin.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryFrequencies;
import org.longlora4j.api.position.UnscaledRotary;

/** Every scaling that a recipe can name against transformers' own frequencies. */
class PublishedFrequenciesTest {
  private static final double ONE_MILLIONTH = 1e-4; // in percent

  static Stream<Arguments> published() throws IOException {
    try (InputStream json =
        PublishedFrequenciesTest.class.getResourceAsStream("/golden/rope.json")) {
      List<Map<String, Object>> cases =
          new ObjectMapper().readValue(json, new TypeReference<>() {});
      return cases.stream()
          .filter(one -> !one.get("rope_type").equals("default"))
          .map(one -> Arguments.of(one.get("rope_type"), one.get("seq_len"), one));
    }
  }

  @ParameterizedTest(name = "{0} at {1}")
  @MethodSource("published")
  void aRecipesScalingTurnsAsInTransformers(String type, int length, Map<String, Object> one) {
    assertTurns(scaling(type, parameters(one)), length, one);
  }

  /** A dynamic base that has stretched by 5 for some length is an NTK-aware one of factor 5. */
  @ParameterizedTest(name = "{0} at {1}")
  @MethodSource("published")
  void anNtkAwareBaseIsADynamicOneThatStands(String type, int length, Map<String, Object> one) {
    if (type.equals("dynamic")) {
      double factor = number(parameters(one), "factor").orElseThrow();
      double ratio = length / number(one, "original_max_position_embeddings").orElseThrow();
      OptionalDouble stretch = OptionalDouble.of(factor * ratio - (factor - 1));
      NtkAwareInterpolation ntk =
          new NtkAwareInterpolation(new NtkAwareInterpolation.Options(stretch));
      assertTurns(ntk, 1, one);
    }
  }

  private static void assertTurns(
      PositionalScaling scaling, int length, Map<String, Object> published) {
    RotaryEmbedding embedding =
        new RotaryEmbedding(
            (int) number(published, "head_dim").orElseThrow(),
            number(published, "rope_theta").orElseThrow(),
            (int) number(published, "original_max_position_embeddings").orElseThrow(),
            new UnscaledRotary());
    RotaryFrequencies frequencies =
        embedding.withScaling(scaling.scale(embedding, length)).frequencies(length);
    List<?> expected = (List<?>) published.get("inv_freq");
    assertThat(frequencies.inverse()).hasSize(expected.size());
    for (int i = 0; i < expected.size(); i++) {
      assertThat((double) frequencies.inverse()[i])
          .isCloseTo((Double) expected.get(i), withinPercentage(ONE_MILLIONTH));
    }
    assertThat(frequencies.attentionScaling())
        .isCloseTo(
            number(published, "attention_scaling").orElseThrow(), withinPercentage(ONE_MILLIONTH));
  }

  private static PositionalScaling scaling(String type, Map<String, Object> parameters) {
    OptionalDouble factor = number(parameters, "factor");
    OptionalDouble attention = number(parameters, "attention_factor");
    return switch (type) {
      case "linear" -> new LinearInterpolation(new LinearInterpolation.Options(factor));
      case "dynamic" -> new DynamicNtk(new DynamicNtk.Options(factor.orElseThrow()));
      case "yarn" ->
          new Yarn(
              new Yarn.Options(
                  factor,
                  number(parameters, "beta_fast").orElse(32),
                  number(parameters, "beta_slow").orElse(1),
                  attention));
      case "llama3" ->
          new Llama3Interpolation(
              new Llama3Interpolation.Options(
                  factor,
                  number(parameters, "low_freq_factor").orElse(1),
                  number(parameters, "high_freq_factor").orElse(4)));
      case "longrope" ->
          new LongRope(
              new LongRope.Options(
                  numbers(parameters, "long_factor"),
                  Optional.of(numbers(parameters, "short_factor")),
                  factor,
                  attention));
      default -> throw new IllegalArgumentException(type);
    };
  }

  private static Map<String, Object> parameters(Map<String, Object> published) {
    return new ObjectMapper()
        .convertValue(published.get("params"), new TypeReference<Map<String, Object>>() {});
  }

  private static OptionalDouble number(Map<String, Object> values, String key) {
    return values.get(key) instanceof Number number
        ? OptionalDouble.of(number.doubleValue())
        : OptionalDouble.empty();
  }

  private static List<Double> numbers(Map<String, Object> values, String key) {
    return ((List<?>) values.get(key)).stream().map(n -> ((Number) n).doubleValue()).toList();
  }
}
