package org.longlora4j.plugin.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RepeatsTest {
  private static Repeats source(String alphabet, Range characters, Range times) {
    return new Repeats(new Repeats.Options(alphabet, characters, times, 100));
  }

  @Test
  void aDocumentSaysOneTextOfTheAlphabetAsOftenAsAsked() {
    Set<Integer> lengths = new HashSet<>();
    Set<Integer> times = new HashSet<>();
    for (String text :
        SourceContract.texts(source("ab€", new Range(3, 5), new Range(2, 4)), 0, 7)) {
      List<String> said = Arrays.asList(text.split(" ", -1));
      assertThat(said).containsOnly(said.get(0)).allMatch(s -> s.matches("[ab€]{3,5}"));
      lengths.add(said.get(0).length());
      times.add(said.size());
    }
    assertThat(lengths).containsExactlyInAnyOrder(3, 4, 5);
    assertThat(times).containsExactlyInAnyOrder(2, 3, 4);
  }

  @Test
  void documentsChangeWithSeedAndEpoch() {
    Repeats source = source("abcdefgh", new Range(20, 30), new Range(2, 2));
    assertThat(SourceContract.texts(source, 0, 7))
        .isNotEqualTo(SourceContract.texts(source, 1, 7))
        .isNotEqualTo(SourceContract.texts(source, 0, 8));
  }

  @Test
  void whatCannotBeDrawnIsRefused() {
    assertThatThrownBy(() -> source("", new Range(1, 2), new Range(2, 2)))
        .hasMessage("alphabet is empty; give the characters to draw from");
    assertThatThrownBy(() -> source("a", new Range(1, 1_000_000), new Range(1, 1_000_000)))
        .hasMessageContaining("characters.max and times.max make documents of 1000001000000");
  }
}
