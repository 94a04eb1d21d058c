package org.longlora4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir private Path folder;
  private Path target;

  @BeforeEach
  void writeAnOldFile() throws IOException {
    target = Files.writeString(folder.resolve("config.json"), "old");
  }

  @Test
  void theOldFileStandsUntilTheNewOneIsCommitted() throws IOException {
    try (AtomicFile file = new AtomicFile(target)) {
      Files.writeString(file.temporary(), "new");
      assertThat(target).hasContent("old");
      file.commit();
      assertThat(target).hasContent("new");
    }
    assertThat(folder).isDirectoryNotContaining(path -> !path.equals(target));
  }

  @Test
  void whatIsNotCommittedLeavesNothingBehind() throws IOException {
    try (AtomicFile file = new AtomicFile(target)) {
      Files.writeString(file.temporary(), "half of the n");
    }
    assertThat(target).hasContent("old");
    assertThat(folder).isDirectoryNotContaining(path -> !path.equals(target));
  }

  @Test
  void whatACrashLeftIsClearedAwayByTheNextAttempt() throws IOException {
    try (AtomicFile crashed = new AtomicFile(target)) {
      Files.writeString(crashed.temporary(), "half of the n");
      AtomicFile.write(target, "new");
    }
    assertThat(target).hasContent("new");
    assertThat(folder).isDirectoryNotContaining(path -> !path.equals(target));
  }
}
