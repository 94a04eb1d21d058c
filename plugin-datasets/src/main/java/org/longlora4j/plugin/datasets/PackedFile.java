package org.longlora4j.plugin.datasets;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** A file that may be packed by gzip or zstd, which its first bytes tell, not its name. */
final class PackedFile {
  /** RFC 1952, section 2.3.1. */
  private static final int[] GZIP = {0x1f, 0x8b};

  /** RFC 8878, section 3.1.1. */
  private static final int[] ZSTD = {0x28, 0xb5, 0x2f, 0xfd};

  private static final int BUFFER_BYTES = 1 << 16;

  private PackedFile() {}

  /**
   * Opens a file.
   *
   * @return what is packed in it, or the file as it stands
   */
  static InputStream open(Path file) throws IOException {
    InputStream input = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
    try {
      if (startsWith(input, GZIP)) {
        return new GZIPInputStream(input, BUFFER_BYTES);
      }
      return startsWith(input, ZSTD) ? zstd(input) : input;
    } catch (IOException | RuntimeException e) {
      input.close();
      throw e;
    }
  }

  private static InputStream zstd(InputStream input) throws IOException {
    try {
      return new ZstdInputStream(input);
    } catch (LinkageError e) {
      throw new IOException("there is no zstd library for this system; unpack the file", e);
    }
  }

  private static boolean startsWith(InputStream input, int[] bytes) throws IOException {
    input.mark(bytes.length);
    try {
      for (int b : bytes) {
        if (input.read() != b) {
          return false;
        }
      }
      return true;
    } finally {
      input.reset();
    }
  }
}
