package org.longlora4j.core.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.data.DocumentSource;

/**
 * How long the first documents of a source are, in tokens, end tokens included.
 *
 * @param documents how many were read
 * @param all whether an epoch has no more
 * @param tokens of all of them
 * @param learnedTokens those that a loss is counted on; of a dialogue, those within the context
 * @param shortest tokens of the shortest
 * @param median half of the documents have at most as many tokens
 * @param mean tokens by document
 * @param p95 nineteen in twenty documents have at most as many tokens
 * @param longest tokens of the longest
 * @param beyondContext documents that are longer than the context
 * @param cut dialogues that lose their end, since they are longer than the context
 * @param skipped dialogues that are left out, since no token of an answer lies within the context
 */
public record DocumentLengths(
    long documents,
    boolean all,
    long tokens,
    long learnedTokens,
    int shortest,
    int median,
    double mean,
    int p95,
    int longest,
    long beyondContext,
    long cut,
    long skipped) {

  /**
   * Reads documents, the first ones of the first epoch.
   *
   * @param source where they come from
   * @param tokenizer the model's, which texts need
   * @param context the length of a row
   * @param seed decides the order of a shuffled source
   * @param most how many documents at most
   */
  public static DocumentLengths of(
      DocumentSource source, Optional<Tokenizer> tokenizer, int context, long seed, int most) {
    Count count = new Count(context);
    boolean all = false;
    try (TokenPass pass = new TokenPass(source, tokenizer, 0, seed)) {
      while (!all && count.lengths.size() < most) {
        Optional<TokenPass.Piece> piece = pass.next();
        all = piece.isEmpty();
        piece.ifPresent(count::add);
      }
      all = all || pass.next().isEmpty();
    }
    return count.result(all);
  }

  private static final class Count {
    private final int context;
    private final List<Integer> lengths = new ArrayList<>();
    private int open; // tokens of a document of which the end has not come
    private long learned;
    private long cut;
    private long skipped;

    Count(int context) {
      this.context = context;
    }

    void add(TokenPass.Piece piece) {
      open += piece.tokens().length;
      boolean dialogue = piece.kind() == TokenPass.Kind.DIALOGUE;
      boolean tooLong = dialogue && piece.tokens().length > context;
      TokenPass.Piece kept = tooLong ? piece.cut(context) : piece;
      if (dialogue && !kept.isLearned()) {
        skipped++;
      } else {
        cut += tooLong ? 1 : 0;
        for (boolean token : kept.learned()) {
          learned += token ? 1 : 0;
        }
      }
      if (piece.last()) {
        lengths.add(open);
        open = 0;
      }
    }

    DocumentLengths result(boolean all) {
      int[] sorted = lengths.stream().mapToInt(length -> length).sorted().toArray();
      long tokens = Arrays.stream(sorted).asLongStream().sum();
      int count = sorted.length;
      return new DocumentLengths(
          count,
          all,
          tokens,
          learned,
          quantile(sorted, 0),
          quantile(sorted, 0.5),
          count == 0 ? 0 : (double) tokens / count,
          quantile(sorted, 0.95),
          quantile(sorted, 1),
          Arrays.stream(sorted).filter(length -> length > context).count(),
          cut,
          skipped);
    }

    private static int quantile(int[] sorted, double share) {
      return sorted.length == 0 ? 0 : sorted[(int) Math.ceil(share * (sorted.length - 1))];
    }
  }
}
