package org.longlora4j.core.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.train.Evaluation;
import org.longlora4j.api.train.RunStart;
import org.longlora4j.api.train.StepMetrics;

/** The files read back by protobuf's own parser and Guava's CRC-32C. */
class TensorBoardListenerTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.ofEpochMilli(1_700_000_000_250L));

  @TempDir private Path run;

  private TensorBoardListener started(int firstStep) {
    TensorBoardListener listener =
        new TensorBoardListener(new TensorBoardListener.Options("tensorboard"), CLOCK);
    listener.onStart(new RunStart(run, firstStep, 10, 1024, 5, 10));
    return listener;
  }

  @Test
  void everyMetricOfAStepIsAScalar() throws IOException {
    try (TensorBoardListener listener = started(1)) {
      listener.onStep(new StepMetrics(300, 2.5, 0.75, 2e-5, 1234, 5_000_000_000L));
      listener.onEvaluation(new Evaluation(300, 2.25));
    }

    List<UnknownFieldSet> events = events(files().get(0));
    assertThat(events).hasSize(3);
    assertThat(text(events.get(0), 3)).isEqualTo("brain.Event:2");
    assertThat(step(events.get(1))).isEqualTo(300);
    assertThat(wallTime(events.get(1))).isEqualTo(1_700_000_000.25);
    assertThat(scalars(events.get(1)))
        .containsExactly(
            Map.entry("train/loss", 2.5f),
            Map.entry("train/grad_norm", 0.75f),
            Map.entry("train/learning_rate", 2e-5f),
            Map.entry("train/tokens_per_second", 1234f),
            Map.entry("train/peak_memory_bytes", 5e9f));
    assertThat(scalars(events.get(2))).containsExactly(Map.entry("evaluation/loss", 2.25f));
  }

  @Test
  void aRunThatGoesOnTakesBackTheStepsItTakesAgain() throws IOException {
    started(1).close();
    started(7).close();

    assertThat(files()).hasSize(2);
    UnknownFieldSet restart = events(files().get(1)).get(1);
    assertThat(step(restart)).isEqualTo(7);
    UnknownFieldSet sessionLog = message(restart, 7);
    assertThat(sessionLog.getField(1).getVarintList()).containsExactly(1L);
  }

  @Test
  void aListenerThatNeverStartedLeavesNothing() throws IOException {
    new TensorBoardListener(new TensorBoardListener.Options("tensorboard"), CLOCK).close();

    assertThat(run).isEmptyDirectory();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("tensorboard"))) {
      return files.sorted().toList();
    }
  }

  private static List<UnknownFieldSet> events(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<UnknownFieldSet> events = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] length = read(bytes, Long.BYTES);
      assertThat(bytes.getInt()).isEqualTo(masked(length));
      byte[] data =
          read(bytes, (int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong());
      assertThat(bytes.getInt()).isEqualTo(masked(data));
      events.add(UnknownFieldSet.parseFrom(data));
    }
    return events;
  }

  private static byte[] read(ByteBuffer bytes, int count) {
    byte[] read = new byte[count];
    bytes.get(read);
    return read;
  }

  /** As tensorflow/core/lib/hash/crc32c.h masks it. */
  private static int masked(byte[] data) {
    int crc = Hashing.crc32c().hashBytes(data).asInt();
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  private static long step(UnknownFieldSet event) {
    return event.getField(2).getVarintList().get(0);
  }

  private static double wallTime(UnknownFieldSet event) {
    return Double.longBitsToDouble(event.getField(1).getFixed64List().get(0));
  }

  private static String text(UnknownFieldSet message, int field) {
    return message.getField(field).getLengthDelimitedList().get(0).toStringUtf8();
  }

  private static UnknownFieldSet message(UnknownFieldSet parent, int field) throws IOException {
    return UnknownFieldSet.parseFrom(parent.getField(field).getLengthDelimitedList().get(0));
  }

  private static Map<String, Float> scalars(UnknownFieldSet event) throws IOException {
    Map<String, Float> scalars = new LinkedHashMap<>();
    for (ByteString value : message(event, 5).getField(1).getLengthDelimitedList()) {
      UnknownFieldSet scalar = UnknownFieldSet.parseFrom(value);
      scalars.put(
          text(scalar, 1), Float.intBitsToFloat(scalar.getField(2).getFixed32List().get(0)));
    }
    return scalars;
  }
}
