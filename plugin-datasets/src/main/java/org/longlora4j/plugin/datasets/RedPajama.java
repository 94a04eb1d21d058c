package org.longlora4j.plugin.datasets;

import com.google.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.plugin.Option;

/**
 * RedPajama-Data-1T, on which LongLoRA trains (arXiv:2309.12307, section 4.1), as it is published:
 * a folder for each subset with files of JSON lines, those of {@code common_crawl} packed by zstd;
 * each line has {@code text} and {@code meta}. Its published sample, {@code SUBSET_sample.jsonl},
 * is read as well.
 */
public final class RedPajama implements DocumentSource {
  private final Options options;

  /** The parts of the dataset. */
  public enum Subset {
    /** LaTeX sources of scientific papers. */
    ARXIV,
    /** Books, PG-19 among them. */
    BOOK,
    /** A cleaned crawl of the web. */
    C4,
    /** Five crawls of the web. */
    COMMON_CRAWL,
    /** Source code. */
    GITHUB,
    /** Questions and answers. */
    STACKEXCHANGE,
    /** Wikipedia in twenty languages. */
    WIKIPEDIA;

    private String folder() {
      return name().toLowerCase(Locale.ROOT);
    }

    private List<String> globs() {
      String sample = this == COMMON_CRAWL ? "cc_*_sample.jsonl*" : folder() + "_sample.jsonl*";
      return List.of(folder() + "/**/*.jsonl*", sample);
    }
  }

  /**
   * What a recipe may say.
   *
   * @param path the folder
   * @param subsets which parts; all that are there if none is named
   * @param shuffle whether the order changes with the seed and from epoch to epoch
   * @param shuffleBuffer how many documents are held to draw the next one from
   * @param strict whether what cannot be used is an error
   */
  public record Options(
      @Option("The folder that holds the subsets' folders.") Path path,
      @Option(
              value = "Which subsets to read. All that are there if none is named.",
              defaultValue = "[]")
          List<Subset> subsets,
      @Option(value = RecordFiles.SHUFFLE, defaultValue = "true") boolean shuffle,
      @Option(value = RecordFiles.SHUFFLE_BUFFER, defaultValue = "256", min = 1, max = 1e6)
          int shuffleBuffer,
      @Option(value = RecordFiles.STRICT, defaultValue = "false") boolean strict) {
    /** Copies the list. */
    public Options {
      subsets = List.copyOf(subsets);
    }
  }

  /** A source of the subsets that the options name. */
  @Inject
  public RedPajama(Options options) {
    this.options = options;
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    return new RecordFiles(
            files(), "text", options.shuffle(), options.shuffleBuffer(), options.strict())
        .open(epoch, seed);
  }

  private List<Path> files() {
    PublishedFolder folder = new PublishedFolder(options.path(), "RedPajama-Data-1T");
    List<Path> files = new ArrayList<>();
    List<Subset> missing = new ArrayList<>();
    boolean all = options.subsets().isEmpty();
    for (Subset subset : all ? List.of(Subset.values()) : options.subsets()) {
      List<Path> found = folder.files(subset.globs());
      files.addAll(found);
      if (found.isEmpty() && !all) {
        missing.add(subset);
      }
    }
    if (files.isEmpty() || !missing.isEmpty()) {
      throw folder.hasNone(
          (missing.isEmpty() ? List.of(Subset.values()) : missing)
              .stream().flatMap(subset -> subset.globs().stream()).toList());
    }
    return files;
  }
}
