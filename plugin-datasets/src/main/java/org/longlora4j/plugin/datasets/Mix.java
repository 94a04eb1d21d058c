package org.longlora4j.plugin.datasets;

import com.google.inject.Inject;
import java.util.List;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.plugin.Chosen;
import org.longlora4j.api.plugin.ExtensionFactory;
import org.longlora4j.api.plugin.Option;

/**
 * Documents of several sources, each drawn from one of them with a chance in proportion to its
 * weight. The weights count documents, whatever their length.
 *
 * <p>An epoch ends when every source was gone through at least once and the one drawn has no
 * further document; a source that runs out before starts over. So no document is left out of an
 * epoch, and a source that its weight calls often comes several times. Each epoch starts every
 * source anew, under a seed of its own.
 *
 * <p>The pieces of a long document stay together.
 */
public final class Mix implements DocumentSource {
  private final List<MixStream.Member> members;

  /**
   * One of the sources.
   *
   * @param source which
   * @param weight its share of the documents, over the sum of all weights
   */
  public record Part(
      @Option("Where documents come from.") Chosen<DocumentSource> source,
      @Option(
              value = "How many documents come from it, in proportion to the other weights.",
              defaultValue = "1",
              min = 0)
          double weight) {
    /** Requires a chance to be drawn. */
    public Part {
      if (weight <= 0) {
        throw new IllegalArgumentException(
            "weight is 0, must be positive; leave out a source that is not wanted");
      }
    }
  }

  /**
   * What a recipe may say.
   *
   * @param sources what is mixed
   */
  public record Options(
      @Option(
              "What to mix: a list of which each has a source (with its use and options) and a"
                  + " weight. A source that runs out starts over until all have been gone through.")
          List<Part> sources) {
    /** Requires a source. */
    public Options {
      sources = List.copyOf(sources);
      if (sources.isEmpty()) {
        throw new IllegalArgumentException("sources is an empty list; name at least one");
      }
    }
  }

  /** A mix of the sources that the options hold. */
  @Inject
  public Mix(ExtensionFactory extensions, Options options) {
    members =
        options.sources().stream()
            .map(
                part ->
                    new MixStream.Member(
                        part.source().name(), extensions.create(part.source()), part.weight()))
            .toList();
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    return MixStream.open(members, epoch, seed);
  }
}
