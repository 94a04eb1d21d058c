package org.longlora4j.plugin.datasets;

import com.google.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.data.DocumentOrder;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.Omissions;
import org.longlora4j.api.data.TextFileStream;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.plugin.Option;

/**
 * PG-19 (Rae et al., arXiv:1911.05507), on whose test split LongLoRA measures perplexity
 * (arXiv:2309.12307, section 4.1), as it is published: {@code train}, {@code validation} and {@code
 * test} with a text file for each book, and {@code metadata.csv} with each book's number, title,
 * year and address.
 */
public final class Pg19 implements DocumentSource {
  private final Options options;

  /** The parts of the dataset. */
  public enum Split {
    /** To train on. */
    TRAIN,
    /** To choose by. */
    VALIDATION,
    /** To measure on. */
    TEST
  }

  /**
   * From one year to another, both included.
   *
   * @param from the first
   * @param to the last
   */
  public record Years(@Option("The first year.") int from, @Option("The last year.") int to) {
    /** Requires that there is a year. */
    public Years {
      if (from > to) {
        throw new IllegalArgumentException(
            "from is %d, must be at most to, %d".formatted(from, to));
      }
    }

    boolean include(int year) {
      return from <= year && year <= to;
    }
  }

  /**
   * What a recipe may say.
   *
   * @param path the folder
   * @param split which part
   * @param published of which years; of all if none are given
   * @param shuffle whether the order changes with the seed and from epoch to epoch
   * @param strict whether what cannot be used is an error
   */
  public record Options(
      @Option("The folder that holds train/, validation/, test/ and metadata.csv.") Path path,
      @Option(value = "Which part to read.", defaultValue = "train") Split split,
      @Option(
              "Only books that were published in these years, by metadata.csv, which is not needed"
                  + " otherwise.")
          Optional<Years> published,
      @Option(
              value = "Whether to shuffle the books, differently in each epoch, by the seed.",
              defaultValue = "true")
          boolean shuffle,
      @Option(
              value =
                  "Whether a book that is empty, no UTF-8 text or missing in metadata.csv is an"
                      + " error; otherwise it is left out and counted.",
              defaultValue = "false")
          boolean strict) {}

  /** A source of the books that the options name. */
  @Inject
  public Pg19(Options options) {
    this.options = options;
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    Omissions omissions = new Omissions(options.strict());
    String split = options.split().name().toLowerCase(Locale.ROOT);
    List<Path> books =
        new PublishedFolder(options.path(), "PG-19").someFiles(List.of(split + "/*.txt"));
    if (options.published().isPresent()) {
      books = published(books, options.published().get(), omissions);
    }
    List<Path> order = options.shuffle() ? DocumentOrder.shuffled(books, epoch, seed) : books;
    return new TextFileStream(order.stream().map(TextFileStream.Entry::of).toList(), omissions);
  }

  private List<Path> published(List<Path> books, Years years, Omissions omissions) {
    Path file = options.path().resolve("metadata.csv");
    Map<String, Integer> known = new BookYears(file, omissions).read();
    List<Path> chosen = new ArrayList<>();
    for (Path book : books) {
      Optional<Integer> year = Optional.ofNullable(known.get(number(book)));
      if (year.isEmpty()) {
        omissions.leaveOut(
            "without a year",
            "%s has no line in %s that tells its year. Add one, or leave out 'published'."
                .formatted(book, file));
      } else if (years.include(year.get())) {
        chosen.add(book);
      }
    }
    if (chosen.isEmpty() && omissions.leftOut().total() == 0) {
      throw new InvalidInputException(
          "None of the %d books was published from %d to %d, by %s. Give other years."
              .formatted(books.size(), years.from(), years.to(), file));
    }
    return chosen;
  }

  private static String number(Path book) {
    return book.getFileName().toString().replace(".txt", "");
  }
}
