package org.longlora4j.plugin.datasets;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.longlora4j.api.data.DocumentOrder;
import org.longlora4j.api.data.PasskeyPrompt;

/**
 * A passkey document of several keys, so that a long document trains retrieval more than once.
 *
 * <p>The published lines tell and ask for a pass key; these tell and ask for a silver one and a
 * coral one. Each is told on a line of its own within the filler, and after all filler each is
 * asked for and answered, in another order.
 *
 * @param keys in the order in which they are told
 */
record NamedPasskeys(List<Named> keys) {
  private static final List<String> NAMES =
      List.of(
          "amber", "azure", "bronze", "coral", "crimson", "ebony", "emerald", "golden", "ivory",
          "jade", "olive", "pearl", "ruby", "scarlet", "silver", "violet");

  /** The most keys that there are names for. */
  static final int MOST = 16;

  /**
   * One key.
   *
   * @param name what kind of pass key it is
   * @param key the number
   */
  record Named(String name, int key) {
    private String named(String line) {
      return line.replace("pass key", name + " pass key");
    }

    String statement() {
      return named(PasskeyPrompt.statement(key));
    }

    String answeredQuestion() {
      return named(PasskeyPrompt.question()) + " " + key;
    }
  }

  /** Copies the keys. */
  NamedPasskeys {
    keys = List.copyOf(keys);
  }

  /** Draws which names are told and which numbers they have. */
  static NamedPasskeys drawn(int count, int smallestKey, int largestKey, Random random) {
    return new NamedPasskeys(
        shuffled(NAMES, random).stream()
            .limit(count)
            .map(
                name -> new Named(name, smallestKey + random.nextInt(largestKey - smallestKey + 1)))
            .toList());
  }

  /** The most characters that a document without filler can have. */
  static int mostCharacters(int count, int largestKey) {
    List<Named> longest =
        NAMES.stream()
            .sorted((a, b) -> Integer.compare(b.length(), a.length()))
            .limit(count)
            .map(name -> new Named(name, largestKey))
            .toList();
    return new NamedPasskeys(longest).text(new int[count + 1], longest).length();
  }

  /**
   * The document.
   *
   * @param characters its length
   * @param random decides where keys are told and in which order they are asked for
   */
  String text(int characters, Random random) {
    List<Named> asked = shuffled(keys, random);
    int garbage = characters - text(new int[keys.size() + 1], asked).length();
    int[] places = IntStream.range(0, keys.size()).map(i -> random.nextInt(garbage)).toArray();
    Arrays.sort(places);
    int[] filler = new int[keys.size() + 1];
    for (int i = 0; i < filler.length; i++) {
      int begin = i == 0 ? 0 : places[i - 1];
      int end = i == keys.size() ? garbage : places[i];
      filler[i] = end - begin;
    }
    return text(filler, asked);
  }

  /**
   * The lines.
   *
   * @param filler characters before each key and after the last
   * @param asked the keys in the order in which they are asked for
   */
  private String text(int[] filler, List<Named> asked) {
    List<String> lines = new ArrayList<>();
    lines.add(PasskeyPrompt.task());
    for (int i = 0; i < keys.size(); i++) {
      lines.add(PasskeyPrompt.filler(filler[i]));
      lines.add(keys.get(i).statement());
    }
    lines.add(PasskeyPrompt.filler(filler[keys.size()]));
    asked.forEach(key -> lines.add(key.answeredQuestion()));
    return String.join("\n", lines);
  }

  /** Not by {@code Collections.shuffle}, whose way of shuffling no specification fixes. */
  private static <T> List<T> shuffled(List<T> all, Random random) {
    return Arrays.stream(DocumentOrder.shuffled(all.size(), 0, random.nextLong()))
        .mapToObj(all::get)
        .toList();
  }
}
