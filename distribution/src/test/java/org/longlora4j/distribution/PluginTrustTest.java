package org.longlora4j.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.distribution.AssembledCommand.Ended;
import org.longlora4j.launcher.PluginJar;

/** A locked plugin directory loads what was locked and nothing else. */
@DisabledOnOs(OS.WINDOWS)
final class PluginTrustTest {
  @TempDir private Path directory;
  private Path plugins;
  private Path lock;

  @BeforeEach
  void makePluginDirectory() throws IOException {
    plugins = Files.createDirectory(directory.resolve("plugins"));
    lock = plugins.resolve("plugins.lock");
  }

  @Test
  void a_jar_that_is_new_or_changed_is_refused_until_it_is_locked() throws Exception {
    Path kept = new PluginJar("kept").writeTo(plugins.resolve("kept.jar"));
    Path changed = new PluginJar("changed").writeTo(plugins.resolve("changed.jar"));
    assertThat(run("lock").exitCode()).isZero();
    assertThat(Files.readAllLines(lock))
        .contains("example-kept 1.2.3 sha256:" + sha256(kept))
        .contains("example-changed 1.2.3 sha256:" + sha256(changed));
    assertThat(run("check").exitCode()).isZero();

    new PluginJar("changed").declaring("static int other;").writeTo(changed);
    new PluginJar("added").writeTo(plugins.resolve("added.jar"));

    Ended listed = run("list", "--json");
    assertThat(states(listed)).contains("example-kept active", "example-changed refused");
    assertThat(states(listed)).contains("example-added refused");
    assertThat(listed.err())
        .contains(
            "warning: plugin example-changed 1.2.3 (%s) is left out: it is not the jar that was"
                    .formatted(changed)
                + " locked in %s: its content changed. If you trust it, run longlora plugins lock; if not, remove it from the directory"
                    .formatted(lock))
        .contains(
            "example-added 1.2.3 (%s) is left out: it is not in %s"
                .formatted(plugins.resolve("added.jar"), lock));
    Ended checked = run("check");
    assertThat(checked.exitCode()).isEqualTo(1);
    assertThat(checked.out())
        .contains("example-changed 1.2.3: it is not the jar that was locked")
        .contains("example-added 1.2.3: it is not in ");

    Ended locked = run("lock");
    assertThat(locked.out())
        .contains("- example-changed 1.2.3 sha256:")
        .contains("+ example-changed 1.2.3 sha256:" + sha256(changed))
        .contains("+ example-added 1.2.3 sha256:");
    assertThat(states(run("list", "--json"))).contains("example-added active");
  }

  @Test
  void a_jar_that_is_gone_is_told_by_the_check() throws Exception {
    new PluginJar("kept").writeTo(plugins.resolve("kept.jar"));
    Path gone = new PluginJar("gone").writeTo(plugins.resolve("gone.jar"));
    run("lock");
    Files.delete(gone);

    Ended checked = run("check", "--json");

    assertThat(checked.exitCode()).isEqualTo(1);
    assertThat(new ObjectMapper().readTree(checked.out()).get("differences").get(0).asText())
        .isEqualTo("example-gone 1.2.3: it is in " + lock + " and its jar is not here");
  }

  @Test
  void a_lock_that_is_none_stops_everything_with_its_line() throws Exception {
    new PluginJar("kept").writeTo(plugins.resolve("kept.jar"));
    Files.writeString(lock, "# mine\nexample-kept 1.2.3 md5:abc\n");

    Ended listed = run("list");

    assertThat(listed.exitCode()).isEqualTo(2);
    assertThat(listed.err())
        .startsWith(
            lock + ":2: is 'example-kept 1.2.3 md5:abc', must be a symbolic name, a version")
        .contains("longlora plugins lock");
    assertThat(run("lock").exitCode()).isZero();
    assertThat(run("list").exitCode()).isZero();
  }

  @Test
  void without_a_lock_there_is_nothing_to_check() throws Exception {
    new PluginJar("kept").writeTo(plugins.resolve("kept.jar"));

    Ended checked = run("check");

    assertThat(checked.exitCode()).isEqualTo(2);
    assertThat(checked.err())
        .startsWith(plugins + " has no plugins.lock. Write it: longlora plugins lock");
  }

  private Ended run(String... command) throws IOException, InterruptedException {
    List<Object> arguments = new ArrayList<>(List.of("plugins"));
    arguments.addAll(List.of(command));
    arguments.addAll(List.of("--plugins", plugins));
    return AssembledCommand.run(directory, arguments.toArray());
  }

  private static List<String> states(Ended listed) throws IOException {
    List<String> states = new ArrayList<>();
    for (JsonNode row : new ObjectMapper().readTree(listed.out()).get("plugins")) {
      states.add(row.get("name").asText() + " " + row.get("state").asText());
    }
    return states;
  }

  private static String sha256(Path file) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }
}
