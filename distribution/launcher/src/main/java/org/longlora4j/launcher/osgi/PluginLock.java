package org.longlora4j.launcher.osgi;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.tensor.AtomicFile;

/**
 * The jars that may be loaded from a plugin directory, by content: {@code plugins.lock} in it.
 *
 * @param file where it lies
 * @param jars what is allowed, sorted
 */
public record PluginLock(Path file, List<LockedJar> jars) {
  /** The file's name. */
  public static final String NAME = "plugins.lock";

  private static final Pattern LINE = Pattern.compile("(\\S+) (\\S+) sha256:([0-9a-f]{64})");
  private static final String HEADER =
      """
      # The jars that may be loaded from this directory; any other, or one that changed, is refused.
      # Symbolic name, version, SHA-256 of the jar. Written by: longlora plugins lock
      """;

  /** Sorts the jars. */
  public PluginLock {
    requireNonNull(file, "file is null");
    jars = jars.stream().sorted().toList();
  }

  /**
   * Reads a directory's lock, if it has one.
   *
   * @throws InvalidInputException if the file is not a lock
   */
  public static Optional<PluginLock> in(Path directory) {
    Path file = directory.resolve(NAME);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new PluginLock(file, parse(file, Files.readAllLines(file))));
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(file + " is not text in UTF-8. " + rewrite(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<LockedJar> parse(Path file, List<String> lines) {
    List<LockedJar> jars = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      Matcher parts = LINE.matcher(line);
      if (parts.matches()) {
        jars.add(new LockedJar(parts.group(1), parts.group(2), parts.group(3)));
      } else if (!line.isEmpty() && !line.startsWith("#")) {
        problems.add(
            "%s:%d: is '%s', must be a symbolic name, a version and sha256: with 64 hexadecimal digits. %s"
                .formatted(file, i + 1, line, rewrite()));
      }
    }
    if (!problems.isEmpty()) {
      throw new InvalidInputException(String.join("\n", problems));
    }
    return jars;
  }

  private static String rewrite() {
    return "Write it anew with longlora plugins lock, or remove it to load whatever lies there.";
  }

  /** Writes the file, whole or not at all. */
  public void write() throws IOException {
    AtomicFile.write(
        file,
        HEADER
            + jars.stream().map(LockedJar::toString).collect(Collectors.joining("\n", "", "\n")));
  }

  /** Why a jar may not be loaded, if it may not. */
  Optional<String> refusal(LockedJar jar) {
    if (jars.contains(jar)) {
      return Optional.empty();
    }
    String mend =
        ". If you trust it, run longlora plugins lock; if not, remove it from the directory";
    List<String> versions =
        jars.stream()
            .filter(locked -> locked.name().equals(jar.name()))
            .map(LockedJar::version)
            .toList();
    if (versions.isEmpty()) {
      return Optional.of("it is not in " + file + mend);
    }
    return Optional.of(
        versions.contains(jar.version())
            ? "it is not the jar that was locked in %s: its content changed%s".formatted(file, mend)
            : "%s has it in version %s%s".formatted(file, String.join(" and ", versions), mend));
  }

  /** What differs between the lock and the jars that are there; empty if nothing does. */
  public List<String> differences(List<LockedJar> present) {
    Set<LockedJar> missing = new HashSet<>(jars);
    present.forEach(missing::remove);
    Set<String> names = present.stream().map(LockedJar::name).collect(Collectors.toSet());
    return Stream.concat(
            present.stream()
                .flatMap(
                    jar ->
                        refusal(jar)
                            .map(why -> jar.name() + " " + jar.version() + ": " + why)
                            .stream()),
            missing.stream()
                .sorted()
                .filter(jar -> !names.contains(jar.name()))
                .map(
                    jar ->
                        "%s %s: it is in %s and its jar is not here"
                            .formatted(jar.name(), jar.version(), file)))
        .toList();
  }
}
