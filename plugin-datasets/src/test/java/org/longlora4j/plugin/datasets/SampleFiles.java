package org.longlora4j.plugin.datasets;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.ndarray.types.Shape;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.encryption.AccessPermission;
import org.apache.pdfbox.pdmodel.encryption.StandardProtectionPolicy;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.core.tensor.SafetensorsWriter;

/** Writes small files of every kind that a source reads. */
record SampleFiles(Path folder) {
  /** No text in UTF-8. */
  static final byte[] LATIN_1 = "caf\u00e9".getBytes(ISO_8859_1);

  Path bytes(String name, byte... content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, content);
  }

  Path text(String name, String content) throws IOException {
    return bytes(name, content.getBytes(UTF_8));
  }

  Path gzip(String name, String content) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(content.getBytes(UTF_8));
    }
    return bytes(name, packed.toByteArray());
  }

  Path zstd(String name, String content) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new ZstdOutputStream(packed)) {
      out.write(content.getBytes(UTF_8));
    }
    return bytes(name, packed.toByteArray());
  }

  /** A record of a published dataset. */
  static String line(String text) {
    return "{\"text\": \"%s\", \"meta\": {\"text\": \"not this\", \"n\": [1, null]}}\n"
        .formatted(text);
  }

  Path zip(String name, Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(packed)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
      }
    }
    return bytes(name, packed.toByteArray());
  }

  /** A file with a line of text on each page. */
  Path pdf(String name, String... pages) throws IOException {
    try (PDDocument document = pages(List.of(pages))) {
      return save(document, name);
    }
  }

  /** A file that needs a password to be read, or allows no copies. */
  Path encryptedPdf(String name, String userPassword) throws IOException {
    try (PDDocument document = pages(List.of("secret"))) {
      AccessPermission permission = new AccessPermission();
      permission.setCanExtractContent(false);
      document.protect(new StandardProtectionPolicy("owner", userPassword, permission));
      return save(document, name);
    }
  }

  private static PDDocument pages(List<String> texts) throws IOException {
    PDDocument document = new PDDocument();
    for (String text : texts) {
      PDPage page = new PDPage();
      document.addPage(page);
      try (PDPageContentStream content = new PDPageContentStream(document, page)) {
        content.beginText();
        content.setFont(new PDType1Font(Standard14Fonts.FontName.HELVETICA), 12);
        content.newLineAtOffset(72, 700);
        content.showText(text);
        content.endText();
      }
    }
    return document;
  }

  private Path save(PDDocument document, String name) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    document.save(content);
    return bytes(name, content.toByteArray());
  }

  /** Ids in two bytes each. */
  Path uint16(String name, int... ids) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(2 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int id : ids) {
      bytes.putShort((short) id);
    }
    return bytes(name, bytes.array());
  }

  /** Ids in four bytes each. */
  Path uint32(String name, int... ids) throws IOException {
    return bytes(name, littleEndian(ids).array());
  }

  /** A tensor of rows. */
  Path rows(String name, int length, int... ids) throws IOException {
    Path file = folder.resolve(name);
    TensorEntry entry = new TensorEntry(ElementType.I32, new Shape(ids.length / length, length));
    try (SafetensorsWriter writer = new SafetensorsWriter(file, Map.of(), Map.of("rows", entry))) {
      writer.begin("rows");
      writer.write(littleEndian(ids));
      writer.commit();
    }
    return file;
  }

  private static ByteBuffer littleEndian(int... ids) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int id : ids) {
      bytes.putInt(id);
    }
    return bytes.flip();
  }
}
