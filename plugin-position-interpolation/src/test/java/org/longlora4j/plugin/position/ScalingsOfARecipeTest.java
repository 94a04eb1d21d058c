package org.longlora4j.plugin.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.position.DynamicNtkScaling;
import org.longlora4j.api.position.LinearScaling;
import org.longlora4j.api.position.Llama3Scaling;
import org.longlora4j.api.position.LongRopeScaling;
import org.longlora4j.api.position.NtkAwareScaling;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.UnscaledRotary;
import org.longlora4j.api.position.YarnScaling;

/** What the scalings make of a recipe's length, of a model scaled before, and of mistakes. */
class ScalingsOfARecipeTest {
  private static final RotaryEmbedding EMBEDDING =
      new RotaryEmbedding(64, 10000, 4096, new UnscaledRotary());
  private static final OptionalDouble DERIVED = OptionalDouble.empty();
  private static final List<Double> DIVISORS = Collections.nCopies(32, 2.0);

  @Test
  void theFactorIsTargetOverOriginalAlsoForAModelThatWasExtendedBefore() {
    RotaryEmbedding extended = EMBEDDING.withScaling(new LinearScaling(2));
    for (RotaryEmbedding embedding : List.of(EMBEDDING, extended)) {
      assertThat(yarn(DERIVED).scale(embedding, 10240))
          .isEqualTo(new YarnScaling(2.5, 32, 1, Optional.empty(), Optional.of(4096), true));
      assertThat(llama3(DERIVED).scale(embedding, 10240))
          .isEqualTo(new Llama3Scaling(2.5, 1, 4, 4096));
      assertThat(longRope(DIVISORS, Optional.empty()).scale(embedding, 10240))
          .isEqualTo(
              new LongRopeScaling(
                  Collections.nCopies(32, 1.0),
                  DIVISORS,
                  Optional.of(2.5),
                  Optional.empty(),
                  Optional.of(4096)));
      assertThat(ntk(DERIVED).scale(embedding, 10240))
          .isEqualTo(new NtkAwareScaling(10000 * Math.pow(2.5, 64 / 62.0)));
    }
  }

  @Test
  void aTargetThatIsNotLongerIsNotStretched() {
    assertThat(ntk(DERIVED).scale(EMBEDDING, 512)).isEqualTo(new NtkAwareScaling(10000));
    assertThat(llama3(DERIVED).scale(EMBEDDING, 512)).isEqualTo(new Llama3Scaling(1, 1, 4, 4096));
  }

  @Test
  void theLowestFrequencyOfANtkAwareBaseIsDividedByTheWholeFactorAndTheHighestByNothing() {
    float[] before = EMBEDDING.frequencies(4096).inverse();
    float[] after =
        EMBEDDING
            .withScaling(ntk(OptionalDouble.of(8)).scale(EMBEDDING, 32768))
            .frequencies(1)
            .inverse();
    assertThat(after[0]).isEqualTo(before[0]);
    assertThat(before[31] / after[31]).isBetween(7.9999f, 8.0001f);
  }

  @Test
  void aDynamicScalingLeavesShortSequencesAsTheyWere() {
    DynamicNtk dynamic = new DynamicNtk(new DynamicNtk.Options(1));
    assertThat(dynamic.scale(EMBEDDING, 16384)).isEqualTo(new DynamicNtkScaling(1));
    RotaryEmbedding scaled = EMBEDDING.withScaling(dynamic.scale(EMBEDDING, 16384));
    assertThat(scaled.frequencies(4096).inverse()).isEqualTo(EMBEDDING.frequencies(4096).inverse());
    assertThat(EMBEDDING.frequencies(16384).inverse()[31] / scaled.frequencies(16384).inverse()[31])
        .isBetween(3.9999f, 4.0001f);
  }

  @Test
  void aFactorBelowOneIsReported() {
    String message =
        "factor: factor is 0.5, must be at least 1: leave it out for 2.5, 10240 tokens over the"
            + " original 4096";
    OptionalDouble half = OptionalDouble.of(0.5);
    assertThat(problems(yarn(half), EMBEDDING)).containsExactly(message);
    assertThat(problems(llama3(half), EMBEDDING)).containsExactly(message);
    assertThat(problems(ntk(half), EMBEDDING)).containsExactly(message);
    assertThat(problems(yarn(DERIVED), EMBEDDING)).isEmpty();
  }

  @Test
  void divisorsMustFitTheHead() {
    assertThat(problems(longRope(List.of(1.0), Optional.of(List.of(1.0, 2.0))), EMBEDDING))
        .containsExactly(
            "long-factor: has 1 numbers, must have 32: one for each pair of the 64 rotated"
                + " dimensions",
            "short-factor: has 2 numbers, must have 32: one for each pair of the 64 rotated"
                + " dimensions");
    assertThat(problems(longRope(DIVISORS, Optional.of(DIVISORS)), EMBEDDING)).isEmpty();
  }

  @Test
  void anotherBaseIsRefusedWhereItChangesNothing() {
    RotaryEmbedding one = new RotaryEmbedding(2, 10000, 4096, new UnscaledRotary());
    String message =
        "use: changes the base of the frequencies, but 2 rotated dimensions have one that no base"
            + " changes: use linear";
    assertThat(problems(ntk(DERIVED), one)).containsExactly(message);
    assertThat(problems(new DynamicNtk(new DynamicNtk.Options(1)), one)).containsExactly(message);
  }

  @Test
  void optionsThatContradictEachOtherAreRefused() {
    assertThatThrownBy(() -> new Yarn.Options(DERIVED, 1, 2, DERIVED))
        .hasMessage("beta-slow is 2.0 and beta-fast 1.0, must be above 0 and above beta-slow");
    assertThatThrownBy(() -> new Yarn.Options(DERIVED, 32, 1, OptionalDouble.of(0)))
        .hasMessage("attention-factor is 0, must be above it: scores would all be the same");
    assertThatThrownBy(() -> new Llama3Interpolation.Options(DERIVED, 4, 4))
        .hasMessage("high-freq-factor is 4.0, must be greater than low-freq-factor, which is 4.0");
    assertThatThrownBy(() -> longRope(List.of(1.0, 0.0), Optional.empty()))
        .hasMessage("long-factor has a 0 in it, must have divisors above 0");
  }

  private static NtkAwareInterpolation ntk(OptionalDouble factor) {
    return new NtkAwareInterpolation(new NtkAwareInterpolation.Options(factor));
  }

  private static Yarn yarn(OptionalDouble factor) {
    return new Yarn(new Yarn.Options(factor, 32, 1, OptionalDouble.empty()));
  }

  private static Llama3Interpolation llama3(OptionalDouble factor) {
    return new Llama3Interpolation(new Llama3Interpolation.Options(factor, 1, 4));
  }

  private static LongRope longRope(List<Double> longFactor, Optional<List<Double>> shortFactor) {
    return new LongRope(new LongRope.Options(longFactor, shortFactor, DERIVED, DERIVED));
  }

  private static List<String> problems(PositionalScaling scaling, RotaryEmbedding embedding) {
    List<String> problems = new ArrayList<>();
    scaling.check(embedding, 10240, (key, message) -> problems.add(key + ": " + message));
    return problems;
  }
}
