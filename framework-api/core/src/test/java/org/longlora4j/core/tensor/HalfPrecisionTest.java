package org.longlora4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfPrecisionTest {
  @Test
  void everyFloat16ComesBackToTheBit() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = HalfPrecision.fromFloat16((short) bits);
      short back = HalfPrecision.toFloat16(value);
      if (Float.isNaN(value)) {
        assertThat(bits & 0x7fff).isGreaterThan(0x7c00);
        assertThat(HalfPrecision.fromFloat16(back)).isNaN();
      } else {
        assertThat(back & 0xffff).isEqualTo(bits);
      }
    }
  }

  @Test
  void everyBfloat16ComesBackToTheBit() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = HalfPrecision.fromBfloat16((short) bits);
      short back = HalfPrecision.toBfloat16(value);
      if (Float.isNaN(value)) {
        assertThat(bits & 0x7fff).isGreaterThan(0x7f80);
        assertThat(HalfPrecision.fromBfloat16(back)).isNaN();
      } else {
        assertThat(back & 0xffff).isEqualTo(bits);
      }
    }
  }

  /** Values from the definition of binary16 in IEEE 754-2008, section 3.4. */
  @ParameterizedTest
  @CsvSource({
    "0x0000, 0x0p0",
    "0x8000, -0x0p0",
    "0x0001, 0x1p-24", // the smallest subnormal
    "0x03ff, 0x3ffp-24", // the largest
    "0x0400, 0x1p-14", // the smallest normal number
    "0x3555, 0x1.554p-2", // a third, rounded
    "0x3c00, 0x1p0",
    "0xc000, -0x1p1",
    "0x7bff, 65504",
    "0x7c00, Infinity",
    "0xfc00, -Infinity",
  })
  void float16IsThatOfIeee754(String bits, String value) {
    float expected = Float.parseFloat(value);
    short pattern = Integer.decode(bits).shortValue();
    assertThat(HalfPrecision.fromFloat16(pattern)).isEqualTo(expected);
    assertThat(HalfPrecision.toFloat16(expected)).isEqualTo(pattern);
  }

  @ParameterizedTest
  @CsvSource({
    "0x1.002p0, 0x3c00", // half way between 1 and the next: to the even one
    "0x1.006p0, 0x3c02", // half way between the next two: up, to the even one
    "0x1.002002p0, 0x3c01", // beyond half way
    "0x1p-25, 0x0000", // half of the smallest subnormal
    "0x1.000002p-25, 0x0001",
    "0x3p-25, 0x0002", // one and a half of it
    "0x1.ffep-15, 0x0400", // half way between the largest subnormal and the smallest normal
    "65519.996, 0x7bff", // the last that is rounded down
    "65520, 0x7c00",
    "-65520, 0xfc00",
    "3.4028235e38, 0x7c00",
    "1e-45, 0x0000",
    "-1e-45, 0x8000",
  })
  void float16RoundsToTheNearestAndTiesToEven(String value, String bits) {
    assertThat(HalfPrecision.toFloat16(Float.parseFloat(value)))
        .isEqualTo(Integer.decode(bits).shortValue());
  }

  @ParameterizedTest
  @CsvSource({
    "0x1.01p0, 0x3f80", // half way between 1 and the next: to the even one
    "0x1.03p0, 0x3f82",
    "0x1.010002p0, 0x3f81",
    "-0x1.01p0, 0xbf80",
    "3.4028235e38, 0x7f80", // the largest float32 rounds up to infinity
    "-3.4028235e38, 0xff80",
    "0x1.fep127, 0x7f7f",
    "Infinity, 0x7f80",
    "0x1p-149, 0x0000",
    "0x1p-133, 0x0001", // the smallest subnormal
    "-0x0p0, 0x8000",
  })
  void bfloat16RoundsToTheNearestAndTiesToEven(String value, String bits) {
    assertThat(HalfPrecision.toBfloat16(Float.parseFloat(value)))
        .isEqualTo(Integer.decode(bits).shortValue());
  }

  @Test
  void aNanWhosePayloadLiesInTheLowerBitsStaysOne() {
    float nan = Float.intBitsToFloat(0x7f800001);
    assertThat(HalfPrecision.fromBfloat16(HalfPrecision.toBfloat16(nan))).isNaN();
    assertThat(HalfPrecision.fromFloat16(HalfPrecision.toFloat16(nan))).isNaN();
  }
}
