package org.longlora4j.api.data;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.InvalidInputException;

/**
 * The files that patterns name.
 *
 * <p>A pattern is a file, a directory, which stands for all files below it, or a glob of {@code *},
 * {@code ?}, <code>[…]</code>, <code>{…,…}</code> and {@code **}; as a whole part of a path the
 * last stands for any number of folders, none among them. Symbolic links are followed. Names that
 * begin with a dot are passed over in directories and globs, unless the glob has a part that begins
 * with a dot itself.
 *
 * <p>The files come pattern by pattern, sorted by their path from the folder in which a pattern
 * starts, so that the order is the same wherever that folder is. A file that several patterns name
 * comes once.
 */
public final class MatchedFiles {
  private MatchedFiles() {}

  /**
   * Finds the files.
   *
   * @param patterns each must match a file
   * @return the files, each once, in an order that is the same on every machine
   * @throws InvalidInputException if a pattern matches no file; the message names all of them
   */
  public static List<Path> of(List<FilePattern> patterns) {
    Map<Path, Path> files = new LinkedHashMap<>(); // by real path
    List<String> problems = new ArrayList<>();
    for (FilePattern pattern : patterns) {
      List<Path> matches = List.of();
      try {
        matches = Search.of(pattern).run();
        if (matches.isEmpty()) {
          problems.add(noMatch(pattern));
        }
      } catch (InvalidPathException | PatternSyntaxException e) {
        problems.add(noPattern(pattern, e));
      }
      for (Path file : matches) {
        files.putIfAbsent(realPath(file), file);
      }
    }
    if (!problems.isEmpty()) {
      throw new InvalidInputException(String.join("\n", problems));
    }
    return List.copyOf(files.values());
  }

  /**
   * Finds files that may not be there.
   *
   * @param folder a directory of any file system, such as the root of a jar
   * @param globs relative to it
   * @return the files, each once, in an order that is the same on every machine
   * @throws InvalidInputException if a glob is none; the message names it
   */
  public static List<Path> below(Path folder, List<String> globs) {
    Map<Path, Path> files = new LinkedHashMap<>(); // by real path
    for (String glob : globs) {
      try {
        Search.of(new FilePattern(folder, glob))
            .run()
            .forEach(file -> files.putIfAbsent(realPath(file), file));
      } catch (InvalidPathException | PatternSyntaxException e) {
        throw new InvalidInputException(noPattern(glob, e), e);
      }
    }
    return List.copyOf(files.values());
  }

  private static String noPattern(Object pattern, IllegalArgumentException reason) {
    return "'%s' is no pattern of files: %s".formatted(pattern, reason.getMessage());
  }

  private static String noMatch(FilePattern pattern) {
    Search search = Search.of(pattern);
    if (!Files.exists(search.start())) {
      return "'%s' matches no file: %s does not exist".formatted(pattern, search.start());
    }
    return "'%s' matches no file: looked in %s".formatted(pattern, search.start());
  }

  private static Path realPath(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static InvalidInputException unreadable(Path path, IOException e) {
    return new InvalidInputException(path + " cannot be read: " + e, e);
  }

  /**
   * Where to look and what for.
   *
   * @param start a file, or the folder that a directory or glob starts from
   * @param glob what the paths below {@code start} must match; empty for all
   */
  private record Search(Path start, Optional<String> glob) {
    static Search of(FilePattern pattern) {
      String text = pattern.pattern();
      int wildcard = firstWildcard(text);
      if (wildcard < 0 || existsLiterally(pattern)) {
        return new Search(pattern.base().resolve(text), Optional.empty());
      }
      int split = text.lastIndexOf('/', wildcard) + 1;
      return new Search(
          pattern.base().resolve(text.substring(0, split)), Optional.of(text.substring(split)));
    }

    private static int firstWildcard(String text) {
      for (int i = 0; i < text.length(); i++) {
        if ("*?[{".indexOf(text.charAt(i)) >= 0) {
          return i;
        }
      }
      return -1;
    }

    /** A file may well be called {@code notes[1].txt}. */
    private static boolean existsLiterally(FilePattern pattern) {
      try {
        return Files.exists(pattern.base().resolve(pattern.pattern()));
      } catch (InvalidPathException e) { // Windows allows no wildcard in a path
        return false;
      }
    }

    List<Path> run() {
      if (Files.isRegularFile(start)) {
        return List.of(start);
      }
      if (!Files.isDirectory(start)) {
        return List.of();
      }
      List<Path> found = new ArrayList<>();
      try {
        Files.walkFileTree(
            start, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, visitor(found));
      } catch (IOException e) {
        throw unreadable(start, e);
      }
      found.sort(Comparator.comparing(file -> withSlashes(start.relativize(file))));
      return found;
    }

    private SimpleFileVisitor<Path> visitor(List<Path> found) {
      PathMatcher matcher =
          start.getFileSystem().getPathMatcher("glob:" + glob.map(Search::javaGlob).orElse("**"));
      boolean hiddenToo = glob.stream().anyMatch(text -> ("/" + text).contains("/."));
      return new SimpleFileVisitor<>() {
        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
          return !folder.equals(start) && passedOver(folder)
              ? FileVisitResult.SKIP_SUBTREE
              : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
          if (attributes.isRegularFile()
              && !passedOver(file)
              && matcher.matches(start.relativize(file))) {
            found.add(file);
          }
          return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
          if (e instanceof FileSystemLoopException) {
            return FileVisitResult.CONTINUE;
          }
          throw e;
        }

        private boolean passedOver(Path path) {
          return !hiddenToo && path.getFileName().toString().startsWith(".");
        }
      };
    }

    /** Java's {@code **}{@code /} wants at least one folder; a recipe's may stand for none. */
    private static String javaGlob(String glob) {
      String[] parts = glob.split("/", -1);
      String last = parts[parts.length - 1];
      return Arrays.stream(parts, 0, parts.length - 1)
          .map(part -> part.equals("**") ? "{**/,}" : part + "/")
          .collect(Collectors.joining("", "", last));
    }

    private static String withSlashes(Path path) {
      return path.toString().replace(path.getFileSystem().getSeparator(), "/");
    }
  }
}
