package org.longlora4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.longlora4j.core.train.MicroBatch.IGNORED;

import org.junit.jupiter.api.Test;

class MicroBatchTest {
  @Test
  void everyPositionButTheLastPredictsItsSuccessor() {
    MicroBatch batch = MicroBatch.ofRows(new int[][] {{5, 6, 7}, {1, 2, 3}});
    assertThat(batch.labels()).isDeepEqualTo(new int[][] {{6, 7, IGNORED}, {2, 3, IGNORED}});
    assertThat(batch.documents()).isDeepEqualTo(new int[][] {{3}, {3}});
    assertThat(batch.length()).isEqualTo(3);
    assertThat(batch.counted()).isEqualTo(4);
  }

  @Test
  void aRowOfOneTokenPredictsNothing() {
    assertThat(MicroBatch.ofRows(new int[][] {{5}}).counted()).isZero();
  }
}
