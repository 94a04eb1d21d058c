package org.longlora4j.core.recipe;

import java.util.Locale;

/** The kinds of mistakes in a recipe. Each message ends with its kind, to look it up by. */
public enum Mistake {
  /** A file, a setting or a piece of YAML that cannot be read at all. */
  UNREADABLE,
  /** A key that nothing reads. */
  UNKNOWN_OPTION,
  /** A key that must be there. */
  MISSING_OPTION,
  /** A value of another type, or out of range. */
  WRONG_VALUE,
  /** A name after {@code use} that no plugin binds. */
  UNKNOWN_NAME,
  /** A name after {@code use} that several plugins bind. */
  AMBIGUOUS_NAME,
  /** Options that do not go together. */
  CONTRADICTION,
  /** A part that does not go with the model, the length or another part. */
  DOES_NOT_FIT;

  /** The kind in brackets, as it ends a message. */
  @Override
  public String toString() {
    return "[" + name().toLowerCase(Locale.ROOT).replace('_', '-') + "]";
  }
}
