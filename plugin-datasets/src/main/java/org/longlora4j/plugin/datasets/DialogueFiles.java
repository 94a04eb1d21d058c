package org.longlora4j.plugin.datasets;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.data.DocumentOrder;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.MatchedFiles;
import org.longlora4j.api.data.Omissions;
import org.longlora4j.api.plugin.FilePattern;

/**
 * Files of prompts and answers and how to go through them.
 *
 * @param path which files
 * @param shuffle whether the order changes with the seed and from epoch to epoch
 * @param shuffleBuffer how many documents are held to draw the next one from
 * @param strict whether what cannot be used is an error
 */
record DialogueFiles(List<FilePattern> path, boolean shuffle, int shuffleBuffer, boolean strict) {
  /** What {@code path} means, in options. */
  static final String PATH =
      "Files of JSON, each a list of records or one record a line, plain or packed by gzip (.gz) or"
          + " zstd (.zst); directories or globs of them.";

  /** What {@code strict} means, in options. */
  static final String STRICT =
      "Whether a record that is no JSON or lacks a field, and a file that is empty or breaks off, is"
          + " an error; otherwise it is left out and counted.";

  /** What {@code prompts} means, in options. */
  static final String PROMPTS = "A prompt template of your own, in place of template.";

  /** The template to use; empty for the tokenizer's own. */
  static Optional<PromptTemplate> words(
      Optional<Template> template, Template otherwise, Optional<PromptTemplate> own) {
    return own.or(() -> template.orElse(otherwise).words());
  }

  /** Requires that at most one template is given. */
  static void requireOne(Optional<Template> template, Optional<PromptTemplate> own) {
    if (template.isPresent() && own.isPresent()) {
      throw new IllegalArgumentException("template and prompts are both given; give one of them");
    }
  }

  DocumentStream open(RecordStream.Reading reading, int epoch, long seed) {
    var files = MatchedFiles.of(path);
    var order = shuffle ? DocumentOrder.shuffled(files, epoch, seed) : files;
    DocumentStream stream = new RecordStream(order, reading, new Omissions(strict));
    return shuffle && shuffleBuffer > 1
        ? new ShuffledStream(stream, shuffleBuffer, DocumentOrder.seed(seed, epoch, files.size()))
        : stream;
  }

  /** Leaves a record out that lacks something. */
  static void leaveOut(Omissions omissions, String reason, JsonRecord record, String found) {
    omissions.leaveOut(reason, record.place() + " " + found + ". Mend the record or remove it.");
  }

  /** Whether a text can be written in UTF-8: JSON can say half a character. */
  static boolean isWhole(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }
}
