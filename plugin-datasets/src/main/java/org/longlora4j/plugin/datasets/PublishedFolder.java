package org.longlora4j.plugin.datasets;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.longlora4j.api.data.MatchedFiles;
import org.longlora4j.api.plugin.InvalidInputException;

/**
 * A dataset's files in the layout in which it is published.
 *
 * @param path the folder
 * @param dataset what messages call it
 */
record PublishedFolder(Path path, String dataset) {
  /** Requires the folder. */
  PublishedFolder {
    if (!Files.isDirectory(path)) {
      throw new InvalidInputException(
          "%s is no folder. Name the one that %s was put in.".formatted(path, dataset));
    }
  }

  /** The files that globs name, which may be none. */
  List<Path> files(List<String> globs) {
    return MatchedFiles.below(path, globs);
  }

  /** The files that globs name. */
  List<Path> someFiles(List<String> globs) {
    List<Path> files = files(globs);
    if (files.isEmpty()) {
      throw hasNone(globs);
    }
    return files;
  }

  InvalidInputException hasNone(List<String> globs) {
    return new InvalidInputException(
        "%s has none of the files of %s: looked for %s."
            .formatted(path, dataset, String.join(", ", globs)));
  }
}
