package org.longlora4j.plugin.s2attn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.core.tensor.TorchServices;
import org.longlora4j.plugin.s2attn.ShiftedSparseAttention.Variant;

class AttentionChecksTest {
  private static final TorchServices SERVICES = new TorchServices();
  private static final AttentionShape MODEL = new AttentionShape(1, 8, 4, 1024, 64);
  private static final AttentionShape ONE_HEAD = new AttentionShape(1, 1, 1, 1024, 64);

  @AfterAll
  static void close() {
    SERVICES.close();
  }

  @Test
  void theGroupIsAQuarterOfTheContextUnlessGiven() {
    assertThat(GroupSize.of(OptionalDouble.empty(), OptionalInt.empty()).tokens(1026))
        .isEqualTo(256);
    assertThat(GroupSize.of(OptionalDouble.of(0.5), OptionalInt.empty()).tokens(1026))
        .isEqualTo(513);
    assertThat(GroupSize.of(OptionalDouble.empty(), OptionalInt.of(7)).tokens(1026)).isEqualTo(7);
  }

  @Test
  void ratioAndSizeTogetherAreRefused() {
    assertThatThrownBy(() -> new GroupOptions(OptionalDouble.of(0.5), OptionalInt.of(4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "group-ratio and group-size are both given: they say the same, remove one of them");
    assertThatThrownBy(() -> shifted(Variant.SEGMENTED, OptionalDouble.of(0.5), OptionalInt.of(4)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatFitsIsAccepted() {
    assertThat(problems(shifted(Variant.SEGMENTED), MODEL)).isEmpty();
    assertThat(problems(shifted(Variant.ACROSS_LAYERS), ONE_HEAD)).isEmpty();
    assertThat(problems(local(OptionalDouble.empty(), OptionalInt.of(1024)), ONE_HEAD)).isEmpty();
  }

  @Test
  void aGroupOfLessThanTwoTokensIsRefused() {
    assertThat(problems(local(OptionalDouble.of(0.001), OptionalInt.empty()), MODEL))
        .containsExactly(
            "group-ratio: group-ratio 0.001 of a context of 1024 tokens makes groups of 1, must"
                + " make at least 2: raise the ratio or the context");
    assertThat(problems(local(OptionalDouble.empty(), OptionalInt.of(1)), MODEL))
        .containsExactly("group-size: group-size is 1, must be from 2 to the context, 1024 tokens");
  }

  @Test
  void aGroupLongerThanTheContextIsRefused() {
    assertThat(problems(local(OptionalDouble.empty(), OptionalInt.of(2048)), MODEL))
        .containsExactly(
            "group-size: group-size is 2048, must be from 2 to the context, 1024 tokens");
    assertThat(problems(local(OptionalDouble.of(1.5), OptionalInt.empty()), MODEL))
        .containsExactly("group-ratio: group-ratio is 1.5, must be at most 1");
  }

  @Test
  void oneHeadCannotBeSplit() {
    assertThat(problems(shifted(Variant.SEGMENTED), ONE_HEAD))
        .containsExactly(
            "variant: the model has 1 attention head, must have at least 2 to split: use"
                + " variant: across-layers");
    assertThat(problems(shifted(Variant.ROLLED), ONE_HEAD)).hasSize(1);
    assertThat(
            problems(
                new StridedAttention(
                    new GroupOptions(OptionalDouble.empty(), OptionalInt.empty()),
                    SERVICES.compiler()),
                ONE_HEAD))
        .containsExactly(
            "use: the model has 1 attention head, must have at least 2 to split: use local or"
                + " dilated");
  }

  private static AttentionPattern shifted(Variant variant) {
    return shifted(variant, OptionalDouble.empty(), OptionalInt.empty());
  }

  private static AttentionPattern shifted(Variant variant, OptionalDouble ratio, OptionalInt size) {
    return new ShiftedSparseAttention(
        new ShiftedSparseAttention.Options(variant, ratio, size),
        SERVICES.causalAttention(),
        SERVICES.compiler());
  }

  private static AttentionPattern local(OptionalDouble ratio, OptionalInt size) {
    return new LocalAttention(new GroupOptions(ratio, size), SERVICES.compiler());
  }

  private static List<String> problems(AttentionPattern pattern, AttentionShape shape) {
    List<String> problems = new ArrayList<>();
    pattern.check(shape, (key, message) -> problems.add(key + ": " + message));
    return problems;
  }
}
