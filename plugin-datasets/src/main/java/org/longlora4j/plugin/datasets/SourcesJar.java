package org.longlora4j.plugin.datasets;

import com.google.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.longlora4j.api.data.DocumentOrder;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.MatchedFiles;
import org.longlora4j.api.data.Omissions;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.plugin.Option;

/**
 * Files within jar or zip archives, each of them a document; empty ones are left out. A library's
 * {@code -sources.jar} gives its source code.
 *
 * <p>A long file comes in pieces of about a million characters, cut at line ends. Where nothing is
 * shuffled, archives come in the order of their patterns and paths, and files in that of their
 * paths within.
 */
public final class SourcesJar implements DocumentSource {
  private final Options options;

  /**
   * What a recipe may say.
   *
   * @param path which archives
   * @param include which files of each
   * @param shuffle whether the order of all files changes with the seed and from epoch to epoch
   * @param strict whether an archive or file that cannot be used is an error
   */
  public record Options(
      @Option("Jar or zip files, or globs of them such as libraries/**/*-sources.jar.")
          List<FilePattern> path,
      @Option(
              value =
                  "Globs of the files to take from each archive, in which **/ stands for any number"
                      + " of folders.",
              defaultValue = "'**/*.java'")
          List<String> include,
      @Option(
              value =
                  "Whether to shuffle the files of all archives together, differently in each"
                      + " epoch, by the seed.",
              defaultValue = "true")
          boolean shuffle,
      @Option(
              value =
                  "Whether an archive that cannot be read, and a file in one that is empty or no"
                      + " UTF-8 text, is an error; otherwise it is left out and counted.",
              defaultValue = "false")
          boolean strict) {
    /** Requires an archive and a glob. */
    public Options {
      path = List.copyOf(path);
      include = List.copyOf(include);
      if (path.isEmpty()) {
        throw new IllegalArgumentException("path is an empty list; name at least one archive");
      }
      if (include.isEmpty()) {
        throw new IllegalArgumentException("include is an empty list; leave it away for **/*.java");
      }
    }
  }

  /** A source of the files that the options name. */
  @Inject
  public SourcesJar(Options options) {
    this.options = options;
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    Omissions omissions = new Omissions(options.strict());
    List<ArchiveEntry> entries = entries(omissions);
    return new ArchiveStream(
        options.shuffle() ? DocumentOrder.shuffled(entries, epoch, seed) : entries, omissions);
  }

  private List<ArchiveEntry> entries(Omissions omissions) {
    List<ArchiveEntry> entries = new ArrayList<>();
    List<Path> archives = MatchedFiles.of(options.path());
    try (OpenArchives open = new OpenArchives()) {
      for (Path archive : archives) {
        try {
          entries.addAll(entries(archive, open.root(archive)));
        } catch (InvalidInputException e) {
          omissions.leaveOut("no archive", e);
        }
      }
    }
    if (entries.isEmpty() && omissions.leftOut().total() == 0) {
      throw new InvalidInputException(
          "no file in %s matches include %s"
              .formatted(
                  archives.size() == 1 ? archives.get(0) : archives.size() + " archives",
                  options.include()));
    }
    return entries;
  }

  private List<ArchiveEntry> entries(Path archive, Path root) {
    return MatchedFiles.below(root, options.include()).stream()
        .map(file -> new ArchiveEntry(archive, file.toString(), bytes(archive, file)))
        .toList();
  }

  private static long bytes(Path archive, Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new InvalidInputException(archive + "!" + file + " cannot be read: " + e, e);
    }
  }
}
