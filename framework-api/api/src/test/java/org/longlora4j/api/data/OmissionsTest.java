package org.longlora4j.api.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.plugin.InvalidInputException;

class OmissionsTest {
  @Test
  void allIsCountedAndTheFirstFewAreTold() {
    Omissions omissions = new Omissions(false);
    assertThat(omissions.leftOut()).isSameAs(LeftOut.NOTHING);
    for (int i = 0; i < 9; i++) {
      omissions.leaveOut(i % 3 == 0 ? "empty" : "broken", "line " + i);
    }
    LeftOut leftOut = omissions.leftOut();

    assertThat(leftOut.total()).isEqualTo(9);
    assertThat(leftOut.counts()).isEqualTo(Map.of("empty", 3L, "broken", 6L));
    assertThat(leftOut.inWords()).isEqualTo("6 broken, 3 empty");
    assertThat(leftOut.examples())
        .containsExactly("line 0", "line 1", "line 2", "line 3", "line 4");
  }

  @Test
  void aStrictSourceRefusesTheFirst() {
    InvalidInputException problem = new InvalidInputException("a.txt is empty.");
    assertThatThrownBy(() -> new Omissions(true).leaveOut("empty", problem))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "a.txt is empty. Or say 'strict: false', which leaves it out, counts it and goes on.")
        .hasCause(problem);
  }

  @Test
  void accountsAddUpAndTellWhatCameLater() {
    LeftOut earlier = new LeftOut(Map.of("empty", 2L), List.of("a", "b"));
    LeftOut other = new LeftOut(Map.of("empty", 1L, "broken", 1L), List.of("b", "c"));
    LeftOut both = earlier.plus(other);

    assertThat(both)
        .isEqualTo(new LeftOut(Map.of("empty", 3L, "broken", 1L), List.of("a", "b", "c")));
    assertThat(both.since(earlier))
        .isEqualTo(new LeftOut(Map.of("empty", 1L, "broken", 1L), List.of("c")));
    assertThat(both.since(both)).isEqualTo(LeftOut.NOTHING);
    assertThat(both.plus(LeftOut.NOTHING)).isSameAs(both);
  }

  @Test
  void aTextInMemoryIsCutAsAFileIs() {
    String line = "x".repeat(99) + "\n";
    String text = line.repeat(25_000) + "\ud83d\ude00".repeat(TextPieces.MAX_CHARACTERS / 2 + 1);
    List<Document.Text> pieces = TextPieces.of(text);

    assertThat(String.join("", pieces.stream().map(Document.Text::text).toList())).isEqualTo(text);
    assertThat(pieces).extracting(Document::last).endsWith(true).containsOnlyOnce(true);
    assertThat(pieces.get(0).text()).endsWith("\n");
    assertThat(pieces).allMatch(piece -> piece.text().length() <= TextPieces.MAX_CHARACTERS);
    assertThat(TextPieces.of("")).isEmpty();
  }
}
