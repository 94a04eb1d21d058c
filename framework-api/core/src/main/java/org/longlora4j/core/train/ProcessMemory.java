package org.longlora4j.core.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import oshi.SystemInfo;

/** The memory of this process and of the machine. */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");

  private final SystemInfo system = new SystemInfo();
  private long highest;

  /**
   * The largest resident memory so far, in bytes: the kernel's own record on Linux, elsewhere the
   * largest value that this method has seen.
   */
  public long peakBytes() {
    if (Files.isReadable(STATUS)) {
      return highWaterMark();
    }
    highest = Math.max(highest, residentBytes());
    return highest;
  }

  private static long highWaterMark() {
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0; // a figure in a log is not worth a run
    }
  }

  /**
   * Lets the largest value count from here on, where the kernel offers that: Linux does. What the
   * process still holds of earlier work counts in.
   */
  public void forgetPeak() {
    highest = 0;
    if (Files.isWritable(CLEAR)) {
      try {
        Files.writeString(CLEAR, "5"); // VmHWM becomes the present size
      } catch (IOException e) {
        return; // a figure in a table is not worth a run
      }
    }
  }

  /** The resident memory at this moment, in bytes. */
  public long residentBytes() {
    return system.getOperatingSystem().getCurrentProcess().getResidentSetSize();
  }

  /** What the machine can still give without swapping, in bytes. */
  public long availableBytes() {
    return system.getHardware().getMemory().getAvailable();
  }
}
