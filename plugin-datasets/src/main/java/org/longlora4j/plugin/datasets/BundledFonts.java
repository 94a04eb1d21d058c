package org.longlora4j.plugin.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.apache.fontbox.FontBoxFont;
import org.apache.fontbox.ttf.TTFParser;
import org.apache.fontbox.ttf.TrueTypeFont;
import org.apache.pdfbox.io.RandomAccessReadBuffer;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.font.CIDFontMapping;
import org.apache.pdfbox.pdmodel.font.FontMapper;
import org.apache.pdfbox.pdmodel.font.FontMappers;
import org.apache.pdfbox.pdmodel.font.FontMapping;
import org.apache.pdfbox.pdmodel.font.PDCIDSystemInfo;
import org.apache.pdfbox.pdmodel.font.PDFontDescriptor;

/**
 * Stands in, with the one font that PDFBox brings along, for fonts that a file uses without holding
 * them.
 *
 * <p>Only the widths of letters matter to a text. PDFBox itself looks through all fonts of the
 * system and keeps an index in the user's home: a text would depend on the machine.
 */
final class BundledFonts implements FontMapper {
  private static final String FONT = "/org/apache/pdfbox/resources/ttf/LiberationSans-Regular.ttf";

  private final TrueTypeFont font;

  private BundledFonts() {
    try (InputStream input = PDDocument.class.getResourceAsStream(FONT)) {
      font = new TTFParser().parse(new RandomAccessReadBuffer(input));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes PDFBox, which has one choice for all files, use it. */
  static void use() {
    Chosen.once();
  }

  /** Loaded when the first file is read. */
  private static final class Chosen {
    static {
      FontMappers.set(new BundledFonts());
    }

    static void once() {}
  }

  @Override
  public FontMapping<TrueTypeFont> getTrueTypeFont(String name, PDFontDescriptor descriptor) {
    return new FontMapping<>(font, true);
  }

  @Override
  public FontMapping<FontBoxFont> getFontBoxFont(String name, PDFontDescriptor descriptor) {
    return new FontMapping<>(font, true);
  }

  @Override
  public CIDFontMapping getCIDFont(
      String name, PDFontDescriptor descriptor, PDCIDSystemInfo systemInfo) {
    return new CIDFontMapping(null, font, true);
  }
}
