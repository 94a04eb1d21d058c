package org.longlora4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.recipe.TrainingOptions.PrecisionSetting;

final class RunChoicesTest {
  @Test
  void aFormatThatTakesLongerHereIsTakenWithAWord() {
    assertThat(RunChoices.regret(PrecisionSetting.BFLOAT16, () -> Precision.FLOAT32))
        .hasValueSatisfying(
            said -> assertThat(said).contains("training.precision is bfloat16", "float32", "auto"));
    assertThat(RunChoices.regret(PrecisionSetting.BFLOAT16, () -> Precision.BFLOAT16)).isEmpty();
  }

  @Test
  void whatIsLeftOpenOrAsFastAsCanBeNeedsNoWord() {
    for (Precision faster : Precision.values()) {
      assertThat(RunChoices.regret(PrecisionSetting.AUTO, () -> faster)).isEmpty();
      assertThat(RunChoices.regret(PrecisionSetting.FLOAT32, () -> faster)).isEmpty();
    }
  }
}
