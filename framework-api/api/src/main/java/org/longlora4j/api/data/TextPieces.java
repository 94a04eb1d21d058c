package org.longlora4j.api.data;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.plugin.InvalidInputException;

/**
 * One UTF-8 text as a document, in pieces that end at a line's end and are never longer than {@link
 * #MAX_CHARACTERS}. A line longer than that is cut inside.
 */
public final class TextPieces implements AutoCloseable {
  /** The most characters of a piece, in UTF-16 units: no text of as many bytes has more. */
  public static final int MAX_CHARACTERS = 1 << 20;

  private static final int READ_BYTES = 1 << 16;

  /** Most texts are short. */
  private static final int FIRST_CAPACITY = 1 << 13;

  /**
   * Two more than a piece, so that even a surrogate pair at its end tells that the text goes on.
   */
  private static final int LAST_CAPACITY = MAX_CHARACTERS + 2;

  private final String name;
  private final InputStream input;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final ByteBuffer bytes = ByteBuffer.allocate(READ_BYTES).flip();
  private CharBuffer characters = CharBuffer.allocate(FIRST_CAPACITY);
  private long bytesRead;
  private boolean inputEnded;
  private boolean decoded;

  /**
   * Opens a file.
   *
   * @param file of any file system
   * @param name what messages call it
   * @throws InvalidInputException if it cannot be opened
   */
  public TextPieces(Path file, String name) {
    this.name = requireNonNull(name, "name is null");
    try {
      input = Files.newInputStream(file);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * The next piece.
   *
   * @return empty when the whole text was given; an empty text has no pieces
   * @throws InvalidInputException if the text cannot be read or is not UTF-8; the message names it
   *     and the byte
   */
  public Optional<Document.Text> next() {
    try {
      fill();
    } catch (IOException e) {
      throw unreadable(e);
    }
    if (characters.position() == 0) {
      return Optional.empty();
    }
    boolean last = characters.position() <= MAX_CHARACTERS;
    characters.flip();
    int length = last ? characters.limit() : cut(characters, 0);
    String text = characters.subSequence(0, length).toString();
    characters.position(length);
    characters.compact();
    return Optional.of(new Document.Text(text, last));
  }

  /**
   * A text that is in memory, in pieces such as those of a file.
   *
   * @param text of any length
   * @return its pieces; an empty text has none
   */
  public static List<Document.Text> of(String text) {
    List<Document.Text> pieces = new ArrayList<>();
    int start = 0;
    while (text.length() - start > MAX_CHARACTERS) {
      int end = start + cut(text, start);
      pieces.add(new Document.Text(text.substring(start, end), false));
      start = end;
    }
    if (start < text.length()) {
      pieces.add(new Document.Text(text.substring(start), true));
    }
    return pieces;
  }

  /** How long the piece is that starts at {@code start} of a text that goes on after it. */
  private static int cut(CharSequence text, int start) {
    for (int length = MAX_CHARACTERS; length > 0; length--) {
      if (text.charAt(start + length - 1) == '\n') {
        return length;
      }
    }
    boolean inPair = Character.isHighSurrogate(text.charAt(start + MAX_CHARACTERS - 1));
    return inPair ? MAX_CHARACTERS - 1 : MAX_CHARACTERS;
  }

  /** Decodes until there is more than a piece or the file ends. */
  private void fill() throws IOException {
    while (!decoded && characters.position() <= MAX_CHARACTERS) {
      CoderResult result = decoder.decode(bytes, characters, inputEnded);
      if (result.isError()) {
        throw malformed(result.length());
      }
      if (result.isOverflow() && characters.capacity() < LAST_CAPACITY) {
        int capacity = Math.min(2 * characters.capacity(), LAST_CAPACITY);
        characters = CharBuffer.allocate(capacity).put(characters.flip());
      }
      if (result.isUnderflow()) {
        if (inputEnded) {
          decoded = true;
        } else {
          read();
        }
      }
    }
  }

  private void read() throws IOException {
    bytes.compact();
    int count = input.read(bytes.array(), bytes.position(), bytes.remaining());
    if (count < 0) {
      inputEnded = true;
    } else {
      bytesRead += count;
      bytes.position(bytes.position() + count);
    }
    bytes.flip();
  }

  private InvalidInputException malformed(int length) {
    StringBuilder found = new StringBuilder();
    for (int i = 0; i < length; i++) {
      found.append("%02x ".formatted(bytes.get(bytes.position() + i)));
    }
    return new InvalidInputException(
        ("%s is not UTF-8 text: at byte %d, counted from 0, there is %s(hexadecimal). Convert the"
                + " file to UTF-8, or leave it out.")
            .formatted(name, bytesRead - bytes.remaining(), found));
  }

  private InvalidInputException unreadable(IOException e) {
    return new InvalidInputException(name + " cannot be read: " + e, e);
  }

  @Override
  public void close() {
    try {
      input.close();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }
}
