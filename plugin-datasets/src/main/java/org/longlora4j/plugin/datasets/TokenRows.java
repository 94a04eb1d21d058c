package org.longlora4j.plugin.datasets;

import com.google.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import org.longlora4j.api.data.DocumentOrder;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.Omissions;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.api.tensor.TensorFiles;

/**
 * Rows of token ids, prepared elsewhere: a tensor of a safetensors file, shaped {@code (rows,
 * context)}, of 64-bit or 32-bit integers. The file is mapped, and one row at a time is read.
 */
public final class TokenRows implements DocumentSource {
  private final TensorFiles files;
  private final Options options;

  /**
   * What a recipe may say.
   *
   * @param path the safetensors file
   * @param tensor which of its tensors; empty for the only one that can be meant
   * @param shuffle whether the order changes with the seed and from epoch to epoch
   * @param strict whether a row with a number that is no token is an error
   */
  public record Options(
      @Option("A safetensors file.") Path path,
      @Option(
              "The name of a tensor in it, shaped (rows, context), of I64 or I32 token ids. May be"
                  + " left out if the file has only one of that kind.")
          Optional<String> tensor,
      @Option(
              value = "Whether to shuffle the rows, differently in each epoch, by the seed.",
              defaultValue = "false")
          boolean shuffle,
      @Option(
              value =
                  "Whether a row with a number that is no token id is an error; otherwise it is"
                      + " left out and counted.",
              defaultValue = "false")
          boolean strict) {}

  /** A source of the rows that the options name. */
  @Inject
  public TokenRows(TensorFiles files, Options options) {
    this.files = files;
    this.options = options;
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    TensorFile file = files.open(options.path());
    try {
      String tensor = options.tensor().orElseGet(() -> onlyTokens(file));
      TensorEntry entry = entry(file, tensor);
      int rows = Math.toIntExact(entry.shape().get(0));
      Omissions omissions = new Omissions(options.strict());
      if (!options.shuffle()) {
        return new TokenRowStream(file, tensor, IntUnaryOperator.identity(), omissions);
      }
      int[] order = DocumentOrder.shuffled(rows, epoch, seed);
      return new TokenRowStream(file, tensor, i -> order[i], omissions);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static String onlyTokens(TensorFile file) {
    List<String> candidates =
        file.entries().entrySet().stream()
            .filter(entry -> isTokens(entry.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    if (candidates.size() != 1) {
      throw new InvalidInputException(
          "%s has %s two-dimensional tensors of I64 or I32. Name one with 'tensor': it has %s"
              .formatted(
                  file.path(), candidates.isEmpty() ? "no" : candidates.size(), contents(file)));
    }
    return candidates.get(0);
  }

  private static TensorEntry entry(TensorFile file, String tensor) {
    TensorEntry entry = file.entries().get(tensor);
    if (entry == null) {
      throw new InvalidInputException(
          "%s has no tensor '%s'; it has %s".formatted(file.path(), tensor, contents(file)));
    }
    if (!isTokens(entry)) {
      throw new InvalidInputException(
          "%s: tensor '%s' is %s; rows of tokens are I64 or I32 of two dimensions, (rows, context)"
              .formatted(file.path(), tensor, describe(entry)));
    }
    if (entry.shape().size() == 0) {
      throw new InvalidInputException(
          "%s: tensor '%s' is %s and holds no token"
              .formatted(file.path(), tensor, describe(entry)));
    }
    return entry;
  }

  private static boolean isTokens(TensorEntry entry) {
    return entry.shape().dimension() == 2
        && (entry.type() == ElementType.I64 || entry.type() == ElementType.I32);
  }

  private static String contents(TensorFile file) {
    return file.entries().entrySet().stream()
        .map(entry -> entry.getKey() + " " + describe(entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String describe(TensorEntry entry) {
    return entry.type() + " " + entry.shape();
  }
}
