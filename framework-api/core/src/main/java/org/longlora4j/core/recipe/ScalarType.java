package org.longlora4j.core.recipe;

import java.io.File;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.plugin.FilePattern;

/** What a single value of a recipe may be. */
sealed interface ScalarType extends OptionType {
  /** The value for the record, if the scalar has this type. */
  Optional<?> read(YamlNode.Scalar scalar);

  /** How a message that refuses a scalar ends, after "must be". */
  default String expectedInsteadOf(YamlNode.Scalar scalar) {
    return expected();
  }

  /** {@code int} if it is narrow, otherwise {@code long}; {@code 1e3} is a whole number too. */
  record Whole(boolean narrow, Bounds bounds) implements ScalarType {
    @Override
    public Optional<Number> read(YamlNode.Scalar scalar) {
      return integer(scalar)
          .filter(number -> number.bitLength() < (narrow ? Integer.SIZE : Long.SIZE))
          .filter(number -> bounds.contains(number.doubleValue()))
          .map(number -> narrow ? (Number) number.intValueExact() : number.longValueExact());
    }

    private static Optional<BigInteger> integer(YamlNode.Scalar scalar) {
      if (!(scalar.value() instanceof Number number)) {
        return Optional.empty();
      }
      if (number instanceof Double real && !Double.isFinite(real)) {
        return Optional.empty();
      }
      BigDecimal exact = new BigDecimal(number.toString());
      boolean whole = exact.stripTrailingZeros().scale() <= 0;
      return whole ? Optional.of(exact.toBigInteger()) : Optional.empty();
    }

    @Override
    public String expected() {
      return "a whole number" + bounds.describe();
    }

    @Override
    public String expectedInsteadOf(YamlNode.Scalar scalar) {
      boolean inBounds =
          integer(scalar).filter(number -> bounds.contains(number.doubleValue())).isPresent();
      long largest = narrow ? Integer.MAX_VALUE : Long.MAX_VALUE;
      return inBounds ? "a whole number of at most " + largest : expected();
    }
  }

  /** A {@code double}, which must be finite. */
  record Real(Bounds bounds) implements ScalarType {
    @Override
    public Optional<Double> read(YamlNode.Scalar scalar) {
      return scalar.value() instanceof Number number
              && Double.isFinite(number.doubleValue())
              && bounds.contains(number.doubleValue())
          ? Optional.of(number.doubleValue())
          : Optional.empty();
    }

    @Override
    public String expected() {
      return "a number" + bounds.describe();
    }
  }

  /** A {@code boolean}. */
  record Truth() implements ScalarType {
    @Override
    public Optional<Boolean> read(YamlNode.Scalar scalar) {
      return scalar.value() instanceof Boolean truth ? Optional.of(truth) : Optional.empty();
    }

    @Override
    public String expected() {
      return "true or false";
    }
  }

  /** A string. */
  record Text() implements ScalarType {
    @Override
    public Optional<String> read(YamlNode.Scalar scalar) {
      return scalar.value() instanceof String text ? Optional.of(text) : Optional.empty();
    }

    @Override
    public String expected() {
      return "text";
    }

    @Override
    public String expectedInsteadOf(YamlNode.Scalar scalar) {
      return "text; write it in quotes";
    }
  }

  /** A path, made absolute. */
  record FilePath() implements ScalarType {
    @Override
    public Optional<Path> read(YamlNode.Scalar scalar) {
      if (!(scalar.value() instanceof String text) || text.isBlank()) {
        return Optional.empty();
      }
      try {
        return Optional.of(scalar.place().base().resolve(text).normalize());
      } catch (InvalidPathException e) {
        return Optional.empty();
      }
    }

    @Override
    public String expected() {
      return "a path";
    }

    @Override
    public String expectedInsteadOf(YamlNode.Scalar scalar) {
      return scalar.value() instanceof String ? expected() : "a path; write it in quotes";
    }
  }

  /** Files by name or glob. */
  record Files() implements ScalarType {
    @Override
    public Optional<FilePattern> read(YamlNode.Scalar scalar) {
      return scalar.value() instanceof String text && !text.isBlank()
          ? Optional.of(new FilePattern(scalar.place().base(), withForwardSlashes(text)))
          : Optional.empty();
    }

    /** Windows users write backslashes, which elsewhere take a wildcard's meaning away. */
    private static String withForwardSlashes(String text) {
      return File.separatorChar == '\\' ? text.replace('\\', '/') : text;
    }

    @Override
    public String expected() {
      return "a path, or a pattern such as corpus/**/*.txt";
    }
  }

  /** One of an enum's constants. */
  record Constant(List<Enum<?>> constants) implements ScalarType {
    @Override
    public Optional<Enum<?>> read(YamlNode.Scalar scalar) {
      // A constant named TRUE is written true, which YAML takes for a boolean.
      String text = scalar.value().toString();
      return constants.stream()
          .filter(constant -> KebabCase.ofConstant(constant).equals(text))
          .findFirst();
    }

    /** The constants as a recipe writes them. */
    List<String> names() {
      return constants.stream().map(KebabCase::ofConstant).toList();
    }

    @Override
    public String expected() {
      return "one of " + String.join(", ", names());
    }

    @Override
    public String expectedInsteadOf(YamlNode.Scalar scalar) {
      return expected() + NearestName.suggest(scalar.text(), names());
    }
  }
}
