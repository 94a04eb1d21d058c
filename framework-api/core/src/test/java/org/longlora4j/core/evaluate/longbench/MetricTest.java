package org.longlora4j.core.evaluate.longbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.longlora4j.core.Golden;

class MetricTest {
  private static final List<String> NONE = List.of();

  @Test
  void everyScoreIsThePublishedDefinitions() throws IOException {
    JsonNode cases =
        new ObjectMapper().readTree(Golden.FOLDER.resolve("longbench-scores.json").toFile());
    Set<Metric> seen = EnumSet.noneOf(Metric.class);
    for (JsonNode example : cases) {
      Metric metric =
          Metric.valueOf(example.get("metric").asText().toUpperCase(Locale.ROOT).replace('-', '_'));
      List<String> classes = new ArrayList<>();
      example.get("classes").forEach(name -> classes.add(name.asText()));
      seen.add(metric);
      assertThat(
              metric.of(
                  example.get("prediction").asText(), example.get("answer").asText(), classes))
          .as(example.toString())
          .isCloseTo(example.get("score").asDouble(), within(1e-12));
    }
    assertThat(seen)
        .containsExactlyInAnyOrder(
            Metric.QA_F1,
            Metric.ROUGE_L,
            Metric.CLASSIFICATION,
            Metric.RETRIEVAL,
            Metric.RETRIEVAL_ZH,
            Metric.COUNT,
            Metric.CODE_SIMILARITY);
  }

  @Test
  void chineseIsComparedCharacterByCharacter() {
    assertThat(Metric.QA_F1_ZH.of("北京！", "北京 市", NONE)).isCloseTo(0.8, within(1e-9));
    assertThat(Metric.ROUGE_L_ZH.of("北京市", "北市", NONE)).isCloseTo(0.8, within(1e-6));
    assertThat(Metric.QA_F1_ZH.of("", "北京", NONE)).isZero();
  }
}
