package org.longlora4j.plugin.datasets;

import com.google.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.plugin.Option;

/**
 * Proof-pile (Azerbayev et al., 2022), on whose test split LongLoRA measures perplexity
 * (arXiv:2309.12307, section 4.1), as it is published: {@code train/proofpile_train_N.jsonl.gz},
 * {@code dev/proofpile_dev.jsonl.gz} and {@code test/proofpile_test.jsonl.gz}; each line has {@code
 * text} and {@code meta}.
 */
public final class ProofPile implements DocumentSource {
  private final Options options;

  /** The parts of the dataset. */
  public enum Split {
    /** To train on. */
    TRAIN,
    /** To choose by. */
    DEV,
    /** To measure on. */
    TEST
  }

  /**
   * What a recipe may say.
   *
   * @param path the folder
   * @param split which part
   * @param shuffle whether the order changes with the seed and from epoch to epoch
   * @param shuffleBuffer how many documents are held to draw the next one from
   * @param strict whether what cannot be used is an error
   */
  public record Options(
      @Option("The folder that holds train/, dev/ and test/.") Path path,
      @Option(value = "Which part to read.", defaultValue = "train") Split split,
      @Option(value = RecordFiles.SHUFFLE, defaultValue = "true") boolean shuffle,
      @Option(value = RecordFiles.SHUFFLE_BUFFER, defaultValue = "256", min = 1, max = 1e6)
          int shuffleBuffer,
      @Option(value = RecordFiles.STRICT, defaultValue = "false") boolean strict) {}

  /** A source of the part that the options name. */
  @Inject
  public ProofPile(Options options) {
    this.options = options;
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    String split = options.split().name().toLowerCase(Locale.ROOT);
    List<Path> files =
        new PublishedFolder(options.path(), "Proof-pile")
            .someFiles(List.of("%s/proofpile_%s*.jsonl*".formatted(split, split)));
    return new RecordFiles(
            files, "text", options.shuffle(), options.shuffleBuffer(), options.strict())
        .open(epoch, seed);
  }
}
