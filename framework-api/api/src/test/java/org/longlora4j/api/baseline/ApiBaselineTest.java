package org.longlora4j.api.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The API of today against the one that {@code api.txt} describes. */
final class ApiBaselineTest {
  private static final Path BASELINE = Path.of("api.txt").toAbsolutePath();
  private static final Path CLASSES = Path.of("target", "classes").toAbsolutePath();
  private static final String UPDATE =
      "mvn -pl framework-api/api test -Dtest=ApiBaselineTest -Dapi.baseline=update";
  private static final String HEADER =
      """
      # What plugins are compiled against. Not edited by hand: the build compares the API with it.
      # %s
      """
          .formatted(UPDATE);

  @Test
  void a_package_that_changes_has_a_version_that_says_so() throws Exception {
    ApiDescription now = ApiDescription.ofClasses(CLASSES);
    boolean update = "update".equals(System.getProperty("api.baseline"));
    if (Files.exists(BASELINE)) {
      requireVersions(new ApiComparison(ApiDescription.parse(baseline()), now).problems());
    } else if (!update) {
      fail(BASELINE + " is missing. Write it: " + UPDATE);
    }
    String text = HEADER + now.toText();
    if (update) {
      Files.writeString(BASELINE, text);
    } else if (!baseline().equals(text)) {
      fail(
          "The API has changed, and the versions of its packages say so. Now describe it anew and"
              + " commit api.txt with the change: "
              + UPDATE);
    }
  }

  private static String baseline() throws IOException {
    return Files.readString(BASELINE).replace("\r\n", "\n");
  }

  private static void requireVersions(Map<String, String> problems) {
    if (!problems.isEmpty()) {
      fail(
          """
          The API has changed against api.txt, and versions do not say so.
          %s
          Take the change back, or set @Version in the package-info.java of each package named to \
          the version it must have, and then describe the API anew:
          %s"""
              .formatted(String.join("\n", problems.values()), UPDATE));
    }
  }

  @Test
  void what_was_written_reads_back_the_same() throws Exception {
    ApiDescription now = ApiDescription.ofClasses(CLASSES);

    ApiDescription read = ApiDescription.parse(now.toText());

    assertThat(read.toText()).isEqualTo(now.toText());
    assertThat(new ApiComparison(read, now).problems()).isEmpty();
  }

  @Test
  void what_a_plugin_must_implement_is_known_wherever_it_stands() throws Exception {
    String text = ApiDescription.ofClasses(CLASSES).toText();

    assertThat(section(text, "INTERFACE org.longlora4j.api.data.DocumentStream"))
        .contains("METHOD next() [MAJOR, MAJOR]") // above a default method
        .contains("METHOD skip(long) [MINOR, MAJOR]") // the default method
        .contains("METHOD close() [MAJOR, MAJOR]"); // below it
    assertThat(section(text, "INTERFACE org.longlora4j.api.tensor.TensorFile"))
        .contains("METHOD path() [MINOR, MAJOR]"); // what a plugin is given
  }

  private static String section(String text, String type) {
    int start = text.indexOf(type);
    int end = text.indexOf("\n    INTERFACE", start);
    return text.substring(start, end < 0 ? text.length() : end);
  }
}
