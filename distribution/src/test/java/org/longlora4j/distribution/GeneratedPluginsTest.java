package org.longlora4j.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The projects that the archetype generates, one of each kind, built and dropped in. */
@DisabledOnOs(OS.WINDOWS)
final class GeneratedPluginsTest {
  private static final Path GENERATED =
      Path.of("archetype/target/test-classes/projects").toAbsolutePath();
  private static final List<String> KINDS =
      List.of(
          "attention",
          "adapter",
          "scaling",
          "quantizer",
          "documents",
          "optimizer",
          "listener",
          "family");

  @Test
  void each_builds_keeps_its_contract_and_is_active_once_dropped_in() throws Exception {
    PluginAuthor author = PluginAuthor.named("generated");
    StringBuilder modules = new StringBuilder();
    for (String kind : KINDS) {
      Path project = GENERATED.resolve(kind).resolve("project/my-" + kind);
      assertThat(project.resolve("pom.xml")).exists();
      Path relative = author.work().relativize(project);
      modules.append("    <module>").append(relative).append("</module>\n");
    }
    // One Maven for all: most of a build's time is Maven's own beginning.
    Files.writeString(
        author.work().resolve("pom.xml"),
        """
        <project>
          <modelVersion>4.0.0</modelVersion>
          <groupId>org.example</groupId>
          <artifactId>all</artifactId>
          <version>1</version>
          <packaging>pom</packaging>
          <modules>
        %s  </modules>
        </project>
        """
            .formatted(modules));

    assertThat(author.succeed("mvn verify")).contains("Tests run:").contains("BUILD SUCCESS");

    for (String kind : KINDS) {
      String jar = "my-" + kind + "-1.0.0.jar";
      Path built = GENERATED.resolve(kind).resolve("project/my-" + kind + "/target").resolve(jar);
      Files.copy(built, author.home().resolve("plugins").resolve(jar));
    }
    String listed = author.succeed("\"$LONGLORA_HOME/bin/longlora\" plugins list");
    for (String kind : KINDS) {
      assertThat(listed.lines())
          .anyMatch(line -> line.contains("my-" + kind) && line.contains(" active "));
    }
  }
}
