package org.longlora4j.core.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.plugin.Option;

/**
 * Tokens that a recipe adds to a model's vocabulary.
 *
 * @param pad the token that fills rows
 * @param special others that stand for themselves in a text and are never split
 */
public record AddedTokens(
    @Option("The token that fills rows, such as '[PAD]'") Optional<String> pad,
    @Option(
            value = "Tokens that stand for themselves in a text, such as '<|im_start|>'",
            defaultValue = "[]")
        List<String> special) {
  /**
   * Checks that there is a token, and none twice.
   *
   * @throws IllegalArgumentException otherwise
   */
  public AddedTokens {
    special = List.copyOf(special);
    List<String> all = all(pad, special);
    if (all.isEmpty()) {
      throw new IllegalArgumentException("neither pad nor special is given; name a token");
    }
    if (all.stream().anyMatch(String::isEmpty) || new HashSet<>(all).size() < all.size()) {
      throw new IllegalArgumentException(
          all + " has an empty token or one twice; name each token once");
    }
  }

  /** All of them, the padding token first. */
  List<String> all() {
    return all(pad, special);
  }

  private static List<String> all(Optional<String> pad, List<String> special) {
    List<String> all = new ArrayList<>(pad.stream().toList());
    all.addAll(special);
    return all;
  }
}
