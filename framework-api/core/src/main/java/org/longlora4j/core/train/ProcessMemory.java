package org.longlora4j.core.train;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import oshi.SystemInfo;

/** The memory of this process and of the machine. */
public final class ProcessMemory {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessMemory.class);
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");
  private static final String PEAK = "5"; // of clear_refs, see proc(5)

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
   * Lets {@link #peakBytes} count from this moment on, for the whole process; where the kernel
   * refuses, it goes on counting from the beginning.
   */
  public void restartPeak() {
    highest = 0;
    if (Files.isWritable(CLEAR)) {
      try {
        Files.writeString(CLEAR, PEAK, StandardOpenOption.WRITE);
      } catch (IOException e) {
        LOG.debug("the peak of resident memory cannot be restarted", e);
      }
    }
  }

  /**
   * Gives memory back to the machine that native code has freed and its allocator keeps for later.
   * Others than glibc's and gperftools' are not asked.
   */
  public void giveBackFreed() {
    tcmalloc().ifPresent(release -> release.invokeVoid(new Object[0]));
    function("malloc_trim").ifPresent(trim -> trim.invokeInt(new Object[] {0L}));
  }

  /**
   * Where native code has its memory from: {@code tcmalloc} where gperftools' allocator was loaded
   * before the C library, else {@code system}, whatever that is.
   */
  public static String allocator() {
    return tcmalloc().isPresent() ? "tcmalloc" : "system";
  }

  private static Optional<Function> tcmalloc() {
    return function("MallocExtension_ReleaseFreeMemory");
  }

  /** A function of the process, if it has it. */
  private static Optional<Function> function(String name) {
    try {
      return Optional.of(NativeLibrary.getProcess().getFunction(name));
    } catch (UnsatisfiedLinkError e) {
      return Optional.empty();
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
