package org.longlora4j.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.core.tensor.TorchServices;

/** Does what {@code docs/writing-a-plugin.md} says, to the letter. */
@DisabledOnOs(OS.WINDOWS)
final class GuideTest {
  private static final Path GUIDE = Path.of("docs/writing-a-plugin.md").toAbsolutePath();
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)([^\n]*)\n(.*?)^```$");

  /** A file of that name stands in the snippet's first line, behind a comment sign. */
  private static final Pattern FILE_NAME = Pattern.compile("\\A(?:#|//) (\\S+\\.\\w+)\n");

  @TempDir private Path classes;

  /**
   * A code block.
   *
   * @param language what follows the fence
   * @param note what follows the language; {@code once} for what this build has done already
   * @param text the lines between the fences
   */
  private record Block(String language, String note, String text) {
    String fileName() {
      return FILE_NAME
          .matcher(text)
          .results()
          .findFirst()
          .map(match -> match.group(1))
          .orElseThrow(() -> new AssertionError("no file name in the first line of\n" + text));
    }
  }

  private static List<Block> blocks(String... languages) throws IOException {
    return BLOCK
        .matcher(Files.readString(GUIDE, UTF_8))
        .results()
        .map(GuideTest::block)
        .filter(block -> List.of(languages).contains(block.language()))
        .toList();
  }

  private static Block block(MatchResult match) {
    return new Block(match.group(1), match.group(2).strip(), match.group(3));
  }

  @Test
  void every_block_is_of_a_kind_that_is_tried() throws IOException {
    String guide = Files.readString(GUIDE, UTF_8);
    long fences = guide.lines().filter(line -> line.startsWith("```")).count();
    assertThat(blocks("sh", "yaml", "java", "python")).hasSize((int) fences / 2);
  }

  @Test
  void from_an_empty_folder_a_plugin_is_generated_built_dropped_in_and_trained_with()
      throws Exception {
    PluginAuthor author = PluginAuthor.named("guide");
    StringBuilder script = new StringBuilder();
    for (Block block : blocks("sh", "yaml")) {
      if (block.language().equals("yaml")) {
        script.append("cat > %s <<'END'\n%sEND\n".formatted(block.fileName(), block.text()));
      } else if (!block.note().equals("once")) {
        script.append(block.text());
      }
    }
    String printed = author.succeed(script.toString());

    assertThat(printed).contains("BUILD SUCCESS").contains("my-window");
    assertThat(author.work().resolve("first/metrics.jsonl")).content().hasLineCount(1);
    assertThat(author.work().resolve("first/adapter_config.json")).exists();
  }

  @Test
  void every_java_snippet_compiles_and_every_kernel_fits_its_handle() throws Exception {
    Path sources = Files.createDirectories(classes.resolve("sources"));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-proc:none",
                "-d",
                classes.toString(),
                "-cp",
                System.getProperty("java.class.path")));
    for (Block block : blocks("java")) {
      arguments.add(Files.writeString(sources.resolve(block.fileName()), block.text()).toString());
    }
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(result).as("the compiler's exit code").isZero();

    Path beside = classes.resolve("org/example/guide");
    try (TorchServices services = new TorchServices();
        URLClassLoader loader =
            new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
      String kernelSources = texts("python");
      Matcher gradient = Pattern.compile("\"(\\w+_backward)\"").matcher(texts("java"));
      while (gradient.find()) {
        assertThat(kernelSources).contains("def " + gradient.group(1) + "(self");
      }
      for (Block block : blocks("python")) {
        String file = block.fileName();
        Files.writeString(beside.resolve(file), block.text());
        String name = camelCase(file);
        if (Files.exists(beside.resolve(name + "Kernels.class"))) {
          Class<?> handle = loader.loadClass("org.example.guide." + name + "Kernels");
          assertThat(services.compiler().compile(handle, file, handle)).isNotNull();
        } else {
          Class<?> caller = loader.loadClass("org.example.guide." + name);
          assertThat(services.compiler().compile(caller, file)).isNotNull();
        }
      }
    }
  }

  private static String texts(String language) throws IOException {
    return blocks(language).stream().map(Block::text).collect(joining());
  }

  /** {@code HalfShift} for {@code half_shift.py}. */
  private static String camelCase(String file) {
    return Stream.of(file.replace(".py", "").split("_", -1))
        .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
        .reduce("", String::concat);
  }
}
