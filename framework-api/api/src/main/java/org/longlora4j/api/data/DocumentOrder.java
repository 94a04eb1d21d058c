package org.longlora4j.api.data;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** In which order a shuffled source gives its documents, and what a random one draws from. */
public final class DocumentOrder {
  private DocumentOrder() {}

  /**
   * Shuffles the numbers of documents.
   *
   * <p>The result depends on the arguments alone, on every machine and every Java: {@link Random}'s
   * sequence is fixed by its specification.
   *
   * @param count how many documents there are
   * @param epoch as in {@link DocumentSource#open}
   * @param seed as in {@link DocumentSource#open}
   * @return the numbers from 0 to {@code count - 1}
   */
  public static int[] shuffled(int count, int epoch, long seed) {
    int[] order = new int[count];
    Random random = new Random(seed(seed, epoch));
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /**
   * Shuffles documents as their numbers are.
   *
   * @param documents all of them, such as files
   * @param epoch as in {@link DocumentSource#open}
   * @param seed as in {@link DocumentSource#open}
   * @param <T> what stands for a document
   */
  public static <T> List<T> shuffled(List<T> documents, int epoch, long seed) {
    return Arrays.stream(shuffled(documents.size(), epoch, seed)).mapToObj(documents::get).toList();
  }

  /**
   * A seed that depends on others, such as one for each document of an epoch.
   *
   * <p>Seeds that differ little, and the same numbers in another order, give seeds that have
   * nothing in common.
   *
   * @param seed the recipe's
   * @param numbers such as an epoch and a document's number
   */
  public static long seed(long seed, long... numbers) {
    long mixed = mix(seed);
    for (long number : numbers) {
      mixed = mix(mixed + number);
    }
    return mixed;
  }

  /** Spreads neighbouring seeds, whose first numbers would resemble each other (SplitMix64). */
  private static long mix(long seed) {
    long z = seed + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
