package org.longlora4j.launcher.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.longlora4j.core.evaluate.Passkey;

class PasskeyTableTest {
  private static Passkey.Result result(int length, OptionalDouble depth, int found) {
    return new Passkey.Result(length, depth, 4, found, length - 1);
  }

  @Test
  void depthsAreColumnsAndLengthsAreRows() {
    PasskeyTable table =
        PasskeyTable.of(
            List.of(
                result(512, OptionalDouble.of(0), 4),
                result(512, OptionalDouble.of(0.5), 3),
                result(1024, OptionalDouble.of(0), 1),
                result(1024, OptionalDouble.of(0.5), 0)));

    assertThat(table.toText())
        .isEqualToNormalizingNewlines(
            """
            LENGTH  0.0   0.5   ALL   TRIALS
            512     1.00  0.75  0.88  8
            1024    0.25  0.00  0.13  8""");
  }

  @Test
  void randomPlacesAreOneColumn() {
    assertThat(PasskeyTable.of(List.of(result(512, OptionalDouble.empty(), 1))).toText())
        .isEqualToNormalizingNewlines(
            """
            LENGTH  random  ALL   TRIALS
            512     0.25    0.25  4""");
  }
}
