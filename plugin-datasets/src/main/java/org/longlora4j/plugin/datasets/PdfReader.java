package org.longlora4j.plugin.datasets;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.io.IOUtils;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException;
import org.apache.pdfbox.text.PDFTextStripper;
import org.longlora4j.api.data.LeftOut;
import org.longlora4j.api.data.Omissions;
import org.longlora4j.api.plugin.InvalidInputException;

/** The texts of PDF files, of which one is open at a time. */
final class PdfReader implements TextReader {
  private static final String ENCRYPTED = "encrypted";

  private final List<Path> files;
  private final boolean sortByPosition;
  private final Omissions omissions;
  private int nextFile;

  /**
   * Begins a pass.
   *
   * @param files in the order in which they are to come
   * @param sortByPosition whether to sort a page's text, or to take it as the file holds it
   * @param omissions decides about what cannot be used
   */
  PdfReader(List<Path> files, boolean sortByPosition, Omissions omissions) {
    this.files = files;
    this.sortByPosition = sortByPosition;
    this.omissions = omissions;
    BundledFonts.use();
  }

  @Override
  public Optional<String> next() {
    while (nextFile < files.size()) {
      Optional<String> text = text(files.get(nextFile++));
      if (text.isPresent()) {
        return text;
      }
    }
    return Optional.empty();
  }

  private Optional<String> text(Path file) {
    String text;
    try (PDDocument document =
        Loader.loadPDF(file.toFile(), IOUtils.createMemoryOnlyStreamCache())) {
      if (!document.getCurrentAccessPermission().canExtractContent()) {
        omissions.leaveOut(
            "whose text may not be copied",
            file + " does not permit that its text is copied. Leave it out.");
        return Optional.empty();
      }
      text = stripper().getText(document);
    } catch (InvalidPasswordException e) {
      return leaveOut(ENCRYPTED, file + " needs a password. Save it without one", e);
    } catch (NoClassDefFoundError e) {
      // Bouncy Castle is for files that are encrypted for the holder of a certificate.
      return leaveOut(ENCRYPTED, file + " needs a certificate. Save it without one", e);
    } catch (IOException | RuntimeException e) {
      return leaveOut("broken", "%s is no PDF file or broken: %s".formatted(file, e), e);
    }
    if (text.isBlank()) {
      omissions.leaveOut(
          "without text",
          file + " has no text; its pages may be pictures. Run a text recognition on it.");
      return Optional.empty();
    }
    return Optional.of(text);
  }

  /**
   * One for each file, since it keeps what it saw of the last one. Ends lines as all sources do.
   */
  private PDFTextStripper stripper() {
    PDFTextStripper stripper = new PDFTextStripper();
    stripper.setLineSeparator("\n");
    stripper.setPageEnd("\n");
    stripper.setSortByPosition(sortByPosition);
    return stripper;
  }

  private Optional<String> leaveOut(String reason, String message, Throwable cause) {
    omissions.leaveOut(reason, new InvalidInputException(message + ". Leave it out.", cause));
    return Optional.empty();
  }

  @Override
  public LeftOut leftOut() {
    return omissions.leftOut();
  }

  @Override
  public void close() {}
}
