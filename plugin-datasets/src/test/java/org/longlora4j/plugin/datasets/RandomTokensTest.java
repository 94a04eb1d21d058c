package org.longlora4j.plugin.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentStream;

class RandomTokensTest {
  private static List<int[]> tokens(int epoch, long seed) {
    RandomTokens source = new RandomTokens(new RandomTokens.Options(7, 500, 3));
    List<int[]> documents = new ArrayList<>();
    try (DocumentStream stream = source.open(epoch, seed)) {
      Optional<Document> next = stream.next();
      while (next.isPresent()) {
        assertThat(next.get().last()).isTrue();
        documents.add(((Document.Tokens) next.get()).tokens());
        next = stream.next();
      }
    }
    return documents;
  }

  @Test
  void everyIdOfTheVocabularyIsDrawnAndNoOther() {
    List<int[]> documents = tokens(0, 42);

    assertThat(documents).hasSize(3);
    for (int[] document : documents) {
      assertThat(document).hasSize(500);
      assertThat(IntStream.of(document).distinct().sorted().toArray())
          .containsExactly(0, 1, 2, 3, 4, 5, 6);
    }
  }

  @Test
  void documentsDifferAndChangeWithSeedAndEpoch() {
    List<int[]> documents = tokens(0, 42);

    assertThat(documents.get(0)).isNotEqualTo(documents.get(1)).isEqualTo(tokens(0, 42).get(0));
    assertThat(documents.get(0))
        .isNotEqualTo(tokens(1, 42).get(0))
        .isNotEqualTo(tokens(0, 43).get(0));
  }
}
