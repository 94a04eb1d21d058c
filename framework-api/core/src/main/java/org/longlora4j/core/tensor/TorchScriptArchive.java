package org.longlora4j.core.tensor;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * TorchScript source in the form in which PyTorch loads it.
 *
 * <p>A saved module is a zip of stored entries: a version, a pickled tuple of constants, a pickled
 * object that names its class, and the source of that class. With an object that holds nothing but
 * {@code training}, the pickles are a few fixed opcodes.
 */
final class TorchScriptArchive {
  /** The class whose methods are a kernel file's entry points. */
  static final String CLASS = "Kernels";

  private TorchScriptArchive() {}

  /** The archive that makes an object of {@code __torch__.Kernels} from its source. */
  static byte[] of(String source) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "version", "3\n".getBytes(US_ASCII));
      store(zip, "constants.pkl", emptyTuple());
      store(zip, "data.pkl", moduleObject());
      store(zip, "code/__torch__.py", source.getBytes(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // in memory: cannot happen
    }
    return bytes.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry("kernels/" + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    CRC32 crc = new CRC32();
    crc.update(content);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  private static byte[] emptyTuple() {
    return new byte[] {(byte) 0x80, 2, ')', '.'}; // PROTO 2, EMPTY_TUPLE, STOP
  }

  private static byte[] moduleObject() throws IOException {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.write(new byte[] {(byte) 0x80, 2}); // PROTO 2
    pickle.write(("c__torch__\n" + CLASS + "\n").getBytes(US_ASCII)); // GLOBAL
    pickle.write(new byte[] {')', (byte) 0x81, '}'}); // EMPTY_TUPLE, NEWOBJ, EMPTY_DICT
    pickle.write(new byte[] {'X', 8, 0, 0, 0}); // BINUNICODE of 8 bytes
    pickle.write("training".getBytes(US_ASCII));
    pickle.write(new byte[] {(byte) 0x88, 's', 'b', '.'}); // NEWTRUE, SETITEM, BUILD, STOP
    return pickle.toByteArray();
  }
}
