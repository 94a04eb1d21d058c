package org.longlora4j.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Someone who has installed this build's artifacts and unpacked its distribution, and nothing else
 * of it: a folder with a {@code mvn} of its own and a distribution of its own.
 *
 * <p>Its Maven repository is the building user's, link by link, save for our own group: nothing is
 * fetched that the build itself did not need, and nothing of ours is left in the user's.
 */
final class PluginAuthor {
  private static final Path INSTALLED = Path.of("target/installed/org/longlora4j").toAbsolutePath();
  private static final long DEADLINE_MINUTES = 15;

  private final Path folder;

  private PluginAuthor(Path folder) {
    this.folder = folder;
  }

  /** An author with a folder of that name under {@code target/authors}, empty but for the tools. */
  static PluginAuthor named(String name) throws IOException {
    Path folder = Path.of("target/authors").toAbsolutePath().resolve(name);
    deleteTree(folder);
    PluginAuthor author = new PluginAuthor(folder);
    Files.createDirectories(author.work());
    author.linkRepository();
    author.writeMaven();
    author.unpackDistribution();
    return author;
  }

  /** Where the author works. */
  Path work() {
    return folder.resolve("work");
  }

  /** The author's own distribution: plugins can be put there and taken away. */
  Path home() {
    return folder.resolve("longlora4j");
  }

  private void linkRepository() throws IOException {
    Path users = Path.of(System.getProperty("maven.repository"));
    Path own = Files.createDirectories(folder.resolve("repository/org"));
    linkAll(users, own.getParent(), Set.of("org"));
    linkAll(users.resolve("org"), own, Set.of("longlora4j"));
    Files.createSymbolicLink(own.resolve("longlora4j"), INSTALLED);
  }

  private static void linkAll(Path from, Path to, Set<String> except) throws IOException {
    for (Path file : list(from)) {
      String name = file.getFileName().toString();
      if (!except.contains(name)) {
        Files.createSymbolicLink(to.resolve(name), file);
      }
    }
  }

  private void writeMaven() throws IOException {
    Path script = Files.createDirectories(folder.resolve("bin")).resolve("mvn");
    Files.writeString(
        script,
        """
        #!/bin/sh
        exec '%s/bin/mvn' -B -ntp '-Dmaven.repo.local=%s' "$@"
        """
            .formatted(System.getProperty("maven.home"), folder.resolve("repository")));
    assertThat(script.toFile().setExecutable(true)).isTrue();
  }

  /** What is large is linked. */
  private void unpackDistribution() throws IOException {
    for (String name : List.of("bin", "plugins")) {
      Path own = Files.createDirectories(home().resolve(name));
      for (Path file : list(AssembledCommand.HOME.resolve(name))) {
        Files.copy(file, own.resolve(file.getFileName()));
      }
    }
    assertThat(home().resolve("bin/longlora").toFile().setExecutable(true)).isTrue();
    linkAll(AssembledCommand.HOME, home(), Set.of("bin", "plugins"));
  }

  /** Runs a shell command in the work folder, with {@code mvn} on the path, to its end. */
  AssembledCommand.Ended run(String command) throws IOException, InterruptedException {
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    ProcessBuilder builder = AssembledCommand.builder(Path.of("/bin/sh"), "-ec", command);
    String path = folder.resolve("bin") + ":" + System.getenv("PATH");
    builder.environment().put("PATH", path);
    builder.environment().put("LONGLORA_HOME", home().toString());
    Process process =
        builder
            .directory(work().toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(DEADLINE_MINUTES, TimeUnit.MINUTES))
          .as("whether it ended in time: %s", command)
          .isTrue();
      return new AssembledCommand.Ended(
          process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
    } finally {
      process.destroyForcibly();
    }
  }

  /** Runs a shell command that must succeed, and gives what it printed. */
  String succeed(String command) throws IOException, InterruptedException {
    AssembledCommand.Ended ended = run(command);
    assertThat(ended.exitCode()).as("%s%n%s%n%s", command, ended.out(), ended.err()).isZero();
    return ended.out();
  }

  static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  /** Deletes links, and not what they lead to. */
  private static void deleteTree(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failure)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
