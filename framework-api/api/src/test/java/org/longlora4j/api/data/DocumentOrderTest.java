package org.longlora4j.api.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DocumentOrderTest {
  @Test
  void everyDocumentComesOnce() {
    int[] order = DocumentOrder.shuffled(1000, 3, 42);
    assertThat(Arrays.stream(order).sorted().toArray())
        .isEqualTo(IntStream.range(0, 1000).toArray());
    assertThat(DocumentOrder.shuffled(0, 0, 0)).isEmpty();
  }

  @Test
  void theSameSeedAndEpochGiveTheSameOrderAndOthersAnother() {
    assertThat(DocumentOrder.shuffled(100, 3, 42)).isEqualTo(DocumentOrder.shuffled(100, 3, 42));
    assertThat(DocumentOrder.shuffled(100, 3, 42)).isNotEqualTo(DocumentOrder.shuffled(100, 4, 42));
    assertThat(DocumentOrder.shuffled(100, 3, 42)).isNotEqualTo(DocumentOrder.shuffled(100, 3, 43));
  }

  @Test
  void neighbouringEpochsBeginWithUnrelatedDocuments() {
    int[] first = new int[4];
    for (int epoch = 0; epoch < 4000; epoch++) {
      first[DocumentOrder.shuffled(4, epoch, 42)[0]]++;
    }
    assertThat(Arrays.stream(first).boxed()).allMatch(count -> count > 900 && count < 1100);
  }
}
