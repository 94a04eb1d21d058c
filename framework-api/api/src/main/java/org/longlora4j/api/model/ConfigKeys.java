package org.longlora4j.api.model;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The keys of a config.json.
 *
 * <p>A key may name an entry inside another's object: {@code
 * rope_parameters.partial_rotary_factor}. A value of the wrong kind is reported with all others
 * when the family has read what it wants, and a harmless one is given in its place.
 */
@ProviderType
public interface ConfigKeys {
  /** Whether a key is there, with a value other than null. */
  boolean has(String key);

  /** A whole number of at least 1, which must be there. */
  int positive(String key);

  /**
   * A whole number of at least 1.
   *
   * @param key the key
   * @param otherwise what is given if the key is absent or null
   */
  int positive(String key, int otherwise);

  /**
   * A number.
   *
   * @param key the key
   * @param otherwise what is given if the key is absent or null
   */
  double number(String key, double otherwise);

  /**
   * True or false.
   *
   * @param key the key
   * @param otherwise what is given if the key is absent or null
   */
  boolean flag(String key, boolean otherwise);

  /**
   * A text.
   *
   * @param key the key
   * @param otherwise what is given if the key is absent or null
   */
  String text(String key, String otherwise);

  /**
   * Reports a value that the family cannot work with.
   *
   * @param key the key, whose value the message gives
   * @param expected what it must be, as in {@code silu}
   */
  void refuse(String key, String expected);
}
