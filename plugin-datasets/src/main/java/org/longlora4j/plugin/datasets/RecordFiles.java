package org.longlora4j.plugin.datasets;

import java.nio.file.Path;
import java.util.List;
import org.longlora4j.api.data.DocumentOrder;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.Omissions;

/**
 * Files of JSON lines and how to go through them.
 *
 * @param files in order
 * @param field the one that holds the text
 * @param shuffle whether the order changes with the seed and from epoch to epoch
 * @param shuffleBuffer how many documents are held to draw the next one from
 * @param strict whether what cannot be used is an error
 */
record RecordFiles(
    List<Path> files, String field, boolean shuffle, int shuffleBuffer, boolean strict) {
  /** What {@code shuffle} means, in options. */
  static final String SHUFFLE =
      "Whether to shuffle, differently in each epoch, by the seed: the files, and the documents as"
          + " far as shuffle-buffer reaches.";

  /** What {@code shuffle-buffer} means, in options. */
  static final String SHUFFLE_BUFFER =
      "How many documents are held in memory to draw the next one from, where shuffle is true; 1"
          + " keeps the order within a file.";

  /** What {@code strict} means, in options. */
  static final String STRICT =
      "Whether a line that is no JSON, in another encoding or without its text, and a file that is"
          + " empty or breaks off, is an error; otherwise it is left out and counted.";

  DocumentStream open(int epoch, long seed) {
    List<Path> order = shuffle ? DocumentOrder.shuffled(files, epoch, seed) : files;
    DocumentStream stream =
        new WholeTextStream(new JsonLineReader(order, field, new Omissions(strict)));
    return shuffle && shuffleBuffer > 1
        ? new ShuffledStream(stream, shuffleBuffer, DocumentOrder.seed(seed, epoch, files.size()))
        : stream;
  }
}
