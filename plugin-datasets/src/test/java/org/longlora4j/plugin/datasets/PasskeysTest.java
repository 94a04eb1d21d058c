package org.longlora4j.plugin.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.PasskeyPrompt;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.RecipeLibrary;
import org.longlora4j.core.recipe.RecipeReader;

class PasskeysTest {
  private static final Pattern STATEMENT =
      Pattern.compile(
          "The (?:(\\w+) )?pass key is (\\d+)\\. Remember it\\. \\2 is the (\\1 )?pass key\\.");
  private static final Pattern ANSWER =
      Pattern.compile("What is the (?:(\\w+) )?pass key\\? The (\\1 )?pass key is (\\d+)");

  @TempDir private Path folder;

  private static Passkeys source(int min, int max, int keys, long documents) {
    return new Passkeys(
        new Passkeys.Options(new Range(min, max), new Range(1, 49_999), keys, documents));
  }

  @Test
  void aDocumentOfOneKeyIsThePublishedPromptAndItsAnswer() {
    for (String text : SourceContract.texts(source(400, 900, 1, 200), 0, 7)) {
      List<String> lines = text.lines().toList();
      assertThat(lines).hasSize(5);
      Matcher statement = STATEMENT.matcher(lines.get(2));
      assertThat(statement.matches()).isTrue();
      PasskeyPrompt prompt =
          new PasskeyPrompt(
              lines.get(1).length(), lines.get(3).length(), Integer.parseInt(statement.group(2)));
      assertThat(text).isEqualTo(prompt.text() + " " + prompt.answer());
      assertThat(prompt.key()).isBetween(1, 49_999);
    }
  }

  @Test
  void lengthsKeysAndPlacesVaryWithinTheirRanges() {
    List<String> texts = SourceContract.texts(source(400, 900, 1, 300), 0, 7);

    assertThat(texts).doesNotHaveDuplicates().allMatch(text -> text.length() <= 900);
    assertThat(texts.stream().mapToInt(String::length).max().getAsInt()).isGreaterThan(880);
    assertThat(texts.stream().mapToInt(String::length).min().getAsInt()).isBetween(380, 420);
    assertThat(texts.stream().map(text -> text.lines().toList().get(1).isEmpty()).distinct())
        .contains(false);
  }

  @Test
  void aDocumentOfSeveralKeysTellsAndAsksForEach() {
    for (int keys : new int[] {2, 5, NamedPasskeys.MOST}) {
      for (String text : SourceContract.texts(source(2500, 3000, keys, 50), 0, 7)) {
        Set<String> told = new HashSet<>();
        Set<String> answered = new HashSet<>();
        STATEMENT.matcher(text).results().forEach(m -> told.add(m.group(1) + " " + m.group(2)));
        ANSWER.matcher(text).results().forEach(m -> answered.add(m.group(1) + " " + m.group(3)));

        assertThat(told).hasSize(keys).isEqualTo(answered);
        assertThat(text).startsWith(PasskeyPrompt.task() + "\n").matches("(?s).*\\d");
        assertThat(text.length()).isBetween(2500, 3000);
        assertThat(text.lastIndexOf("Remember it")).isLessThan(text.indexOf("What is the"));
        assertThat(text.lines()).hasSize(1 + keys + keys + 1 + keys);
      }
    }
  }

  @Test
  void documentsChangeWithSeedAndEpoch() {
    Passkeys source = source(400, 500, 1, 20);
    List<String> first = SourceContract.texts(source, 0, 1);

    assertThat(SourceContract.texts(source, 1, 1)).doesNotContainAnyElementsOf(first);
    assertThat(SourceContract.texts(source, 0, 2)).doesNotContainAnyElementsOf(first);
  }

  @Test
  void anEndlessEpochIsSkippedThroughAtOnce() {
    try (DocumentStream stream = source(400, 500, 1, Long.MAX_VALUE).open(0, 0)) {
      stream.skip(Long.MAX_VALUE - 1);
      Document last = stream.next().orElseThrow();
      assertThat(((Document.Text) last).last()).isTrue();
      assertThat(stream.next()).isEmpty();
      stream.skip(5);
      assertThat(stream.next()).isEmpty();
    }
  }

  @Test
  void aRangeWithoutRoomForTheLinesIsRefused() {
    assertThatThrownBy(() -> source(100, 500, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "characters.min is 100, must be at least 254: the lines of the prompt take as many");
    assertThatThrownBy(() -> source(400, 500, 8, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> source(400, 1 << 21, 1, 1))
        .hasMessage("characters.max is 2097152, must be at most 1048576");
    assertThatThrownBy(() -> new Range(2, 1)).hasMessage("min is 2, must be at most max, 1");
  }

  @Test
  void aRecipeChoosesItWithItsDefaults() {
    ExtensionRegistry registry = ExtensionRegistry.onClassPath(PasskeysTest.class.getClassLoader());
    DocumentSource source =
        registry.create(
            new RecipeReader(registry, RecipeLibrary.empty())
                .choose(
                    DocumentSource.class,
                    "{use: passkey, characters: {min: 300, max: 300}}",
                    folder),
            binder -> {});

    assertThat(SourceContract.texts(source, 0, 0)).hasSize(10_000);
  }
}
