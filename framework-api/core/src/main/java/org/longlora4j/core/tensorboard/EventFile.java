package org.longlora4j.core.tensorboard;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A file of TensorFlow's {@code Event} messages, each in a TFRecord: its length, the length's
 * checksum, the message, the message's checksum.
 *
 * <p>Fields and their numbers are those of tensorflow/core/util/event.proto and
 * tensorflow/core/framework/summary.proto.
 */
final class EventFile implements AutoCloseable {
  private static final String VERSION = "brain.Event:2";
  private static final int MASK = 0xA282EAD8;

  /** Fields of {@code Event}. */
  private static final int WALL_TIME = 1;

  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;

  /** Fields of {@code Summary}, {@code Summary.Value} and {@code SessionLog}. */
  private static final int VALUE = 1;

  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;
  private static final int STATUS = 1;
  private static final int STATUS_START = 1;

  private final OutputStream out;
  private final InstantSource clock;

  private EventFile(OutputStream out, InstantSource clock) {
    this.out = out;
    this.clock = clock;
  }

  /**
   * Begins a new file, under a name by which TensorBoard finds it, and which puts a run's files in
   * the order in which they were begun.
   *
   * @param directory created if it does not exist
   * @param clock dates the events
   * @throws IOException if the disk does not take it
   */
  static EventFile create(Path directory, InstantSource clock) throws IOException {
    Files.createDirectories(directory);
    String name =
        "events.out.tfevents.%010d.longlora.%d"
            .formatted(clock.instant().getEpochSecond(), ProcessHandle.current().pid());
    EventFile file = new EventFile(new BufferedOutputStream(newFile(directory, name)), clock);
    file.write(file.event(0).putText(FILE_VERSION, VERSION));
    return file;
  }

  private static OutputStream newFile(Path directory, String name) throws IOException {
    int sameSecond = 0;
    while (Files.exists(directory.resolve(name + "." + sameSecond))) {
      sameSecond++;
    }
    return Files.newOutputStream(
        directory.resolve(name + "." + sameSecond), StandardOpenOption.CREATE_NEW);
  }

  /** Tells readers that events of this step and later ones, in older files, are void. */
  void restart(int step) throws IOException {
    ProtobufMessage start = new ProtobufMessage().putInteger(STATUS, STATUS_START);
    write(event(step).putMessage(SESSION_LOG, start));
  }

  /** Adds numbers by their tags. */
  void add(int step, Map<String, Double> scalars) throws IOException {
    ProtobufMessage summary = new ProtobufMessage();
    scalars.forEach(
        (tag, value) ->
            summary.putMessage(
                VALUE,
                new ProtobufMessage()
                    .putText(TAG, tag)
                    .putFloat(SIMPLE_VALUE, value.floatValue())));
    write(event(step).putMessage(SUMMARY, summary));
  }

  private ProtobufMessage event(int step) {
    return new ProtobufMessage()
        .putDouble(WALL_TIME, clock.instant().toEpochMilli() / 1e3)
        .putInteger(STEP, step);
  }

  private void write(ProtobufMessage event) throws IOException {
    byte[] data = event.toBytes();
    byte[] length = littleEndian(Long.BYTES).putLong(data.length).array();
    out.write(length);
    out.write(littleEndian(Integer.BYTES).putInt(maskedChecksum(length)).array());
    out.write(data);
    out.write(littleEndian(Integer.BYTES).putInt(maskedChecksum(data)).array());
    out.flush(); // a board shows the run while it goes on
  }

  /** CRC-32C, rotated and shifted so that a checksum of data with checksums in it stays good. */
  private static int maskedChecksum(byte[] bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    return Integer.rotateRight((int) checksum.getValue(), 15) + MASK;
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
