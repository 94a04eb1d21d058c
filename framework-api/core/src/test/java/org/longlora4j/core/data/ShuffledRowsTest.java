package org.longlora4j.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.data.Document;
import org.longlora4j.core.FixedDocuments;

class ShuffledRowsTest {
  private static final int ROWS = 10;
  private static final int BLOCK = 4;

  private static final List<Document> DOCUMENTS =
      IntStream.range(0, ROWS)
          .<Document>mapToObj(i -> new Document.Row(new int[] {i}, "row " + i))
          .toList();

  private static ShuffledRows open(int blockRows, long seed, DataPosition start) {
    RowStream rows =
        new RowStream(
            new FixedDocuments(DOCUMENTS), Optional.empty(), Packing.CONCAT, 1, seed, start);
    return new ShuffledRows(rows, blockRows, seed, start);
  }

  private static List<Integer> take(ShuffledRows rows, int count) {
    List<Integer> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(rows.next().tokens()[0]);
    }
    return taken;
  }

  @Test
  void eachBlockIsGivenWholeInAnotherOrder() {
    try (ShuffledRows rows = open(BLOCK, 7, DataPosition.START)) {
      List<Integer> taken = take(rows, 3 * ROWS * BLOCK);
      for (int start = 0; start < taken.size(); start += BLOCK) {
        int first = start;
        assertThat(taken.subList(start, start + BLOCK))
            .containsExactlyInAnyOrderElementsOf(
                IntStream.range(first, first + BLOCK).map(i -> i % ROWS).boxed().toList());
      }
      assertThat(taken.subList(0, 2 * ROWS)).isNotEqualTo(taken.subList(2 * ROWS, 4 * ROWS));
      assertThat(taken)
          .isNotEqualTo(IntStream.range(0, taken.size()).map(i -> i % ROWS).boxed().toList());
    }
  }

  @Test
  void theSeedDecidesTheOrder() {
    try (ShuffledRows one = open(ROWS, 7, DataPosition.START);
        ShuffledRows same = open(ROWS, 7, DataPosition.START);
        ShuffledRows other = open(ROWS, 8, DataPosition.START)) {
      List<Integer> taken = take(one, 5 * ROWS);
      assertThat(take(same, 5 * ROWS)).isEqualTo(taken);
      assertThat(take(other, 5 * ROWS)).isNotEqualTo(taken);
    }
  }

  @Test
  void aStreamOpenedAtAnyPositionGivesTheRest() {
    List<Integer> all = new ArrayList<>();
    List<DataPosition> positions = new ArrayList<>();
    try (ShuffledRows rows = open(BLOCK, 7, DataPosition.START)) {
      for (int i = 0; i < 4 * ROWS; i++) {
        positions.add(rows.position());
        all.add(rows.next().tokens()[0]);
      }
    }
    for (int i = 0; i < all.size(); i++) {
      try (ShuffledRows rows = open(BLOCK, 7, positions.get(i))) {
        assertThat(rows.position()).isEqualTo(positions.get(i));
        assertThat(take(rows, all.size() - i)).isEqualTo(all.subList(i, all.size()));
      }
    }
  }

  @Test
  void aBlockOfOneRowKeepsTheOrder() {
    try (ShuffledRows rows = open(1, 7, DataPosition.START)) {
      assertThat(take(rows, 2 * ROWS))
          .isEqualTo(IntStream.range(0, 2 * ROWS).map(i -> i % ROWS).boxed().toList());
    }
  }

  @Test
  void aPositionBeyondTheBlockIsRefused() {
    assertThatThrownBy(() -> open(BLOCK, 7, new DataPosition(0, 0, 0, BLOCK)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rows=4");
  }
}
