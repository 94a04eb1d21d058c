package org.longlora4j.plugin.datasets;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.LeftOut;
import org.longlora4j.api.data.Omissions;
import org.longlora4j.api.plugin.InvalidInputException;

/** One pass over files of token ids, each a document, of which one is open at a time. */
final class TokenFileStream implements DocumentStream {
  /** How many tokens come at a time. */
  static final int PIECE_TOKENS = 1 << 16;

  private final List<Path> files;
  private final TokenFiles.Type type;
  private final int vocabulary;
  private final Omissions omissions;
  private int nextFile;
  private Optional<FileChannel> open = Optional.empty();
  private long tokens;
  private long given;

  /**
   * Begins a pass.
   *
   * @param files in the order in which they are to come
   * @param type how an id is written
   * @param vocabulary ids are less
   * @param omissions decides about what cannot be used
   */
  TokenFileStream(List<Path> files, TokenFiles.Type type, int vocabulary, Omissions omissions) {
    this.files = files;
    this.type = type;
    this.vocabulary = vocabulary;
    this.omissions = omissions;
  }

  @Override
  public Optional<Document> next() {
    if (!advance()) {
      return Optional.empty();
    }
    String origin = "%s token %d".formatted(file(), given);
    int[] piece = read(given);
    return Optional.of(new Document.Tokens(piece, finish(piece.length), origin));
  }

  @Override
  public PassedOver passOver(long most) {
    if (!advance()) {
      return PassedOver.NOTHING;
    }
    long pieces = (tokens - given + PIECE_TOKENS - 1) / PIECE_TOKENS;
    long count = Math.min(most, pieces);
    return new PassedOver(count, finish(Math.min(count * PIECE_TOKENS, tokens - given)));
  }

  /** Counts tokens as given; tells whether those were the file's last, and closes it then. */
  private boolean finish(long count) {
    given += count;
    boolean last = given == tokens;
    if (last) {
      close();
    }
    return last;
  }

  private Path file() {
    return files.get(nextFile - 1);
  }

  /** Goes to a file that has tokens to give; false if there is none. */
  private boolean advance() {
    while (open.isEmpty() && nextFile < files.size()) {
      nextFile++;
      try {
        open = Optional.of(FileChannel.open(file()));
        given = 0;
        tokens = open.get().size() / type.bytes();
        if (!usable(open.get().size() % type.bytes())) {
          close();
        }
      } catch (IOException e) {
        close();
        leaveOutUnreadable(e);
      }
    }
    return open.isPresent();
  }

  private boolean usable(long oddBytes) throws IOException {
    if (oddBytes > 0) {
      omissions.leaveOut(
          "broken id at a file's end",
          "%s has %d bytes, no multiple of the %d of an id: it breaks off, or 'type' is not %s."
              .formatted(file(), tokens * type.bytes() + oddBytes, type.bytes(), name()));
    }
    if (tokens == 0) {
      omissions.leaveOut(Omissions.EMPTY, file() + " has no token. Remove it.");
      return false;
    }
    boolean anyIdWillDo = vocabulary == Integer.MAX_VALUE && type == TokenFiles.Type.UINT16;
    return anyIdWillDo || inVocabulary();
  }

  private String name() {
    return type == TokenFiles.Type.UINT16 ? "uint16" : "uint32";
  }

  /** Looks through the whole file, so that no document breaks off after its first piece. */
  private boolean inVocabulary() throws IOException {
    for (long start = 0; start < tokens; start += PIECE_TOKENS) {
      int[] piece = piece(start);
      OptionalInt beyond = firstBeyond(piece);
      if (beyond.isPresent()) {
        omissions.leaveOut(
            "with ids beyond the vocabulary",
            ("%s token %d, counted from 0, is %s, which is not below %d: 'type' is not %s, or the"
                    + " file was made with another tokenizer.")
                .formatted(
                    file(),
                    start + beyond.getAsInt(),
                    Integer.toUnsignedString(piece[beyond.getAsInt()]),
                    vocabulary,
                    name()));
        return false;
      }
    }
    return true;
  }

  private OptionalInt firstBeyond(int[] piece) {
    for (int i = 0; i < piece.length; i++) {
      if (piece[i] < 0 || piece[i] >= vocabulary) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  private int[] read(long start) {
    try {
      return piece(start);
    } catch (IOException e) {
      throw new InvalidInputException("%s cannot be read: %s".formatted(file(), e), e);
    }
  }

  private int[] piece(long start) throws IOException {
    int[] piece = new int[(int) Math.min(PIECE_TOKENS, tokens - start)];
    ByteBuffer bytes =
        ByteBuffer.allocate(piece.length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (open.get().read(bytes, start * type.bytes() + bytes.position()) < 0) {
        throw new IOException("it became shorter");
      }
    }
    bytes.flip();
    for (int i = 0; i < piece.length; i++) {
      piece[i] =
          type == TokenFiles.Type.UINT16 ? Short.toUnsignedInt(bytes.getShort()) : bytes.getInt();
    }
    return piece;
  }

  private void leaveOutUnreadable(IOException failure) {
    omissions.leaveOut(
        Omissions.UNREADABLE,
        new InvalidInputException("%s cannot be read: %s".formatted(file(), failure), failure));
  }

  @Override
  public LeftOut leftOut() {
    return omissions.leftOut();
  }

  @Override
  public void close() {
    Optional<FileChannel> closing = open;
    open = Optional.empty();
    closing.ifPresent(channel -> SourceFiles.close(channel, file()));
  }
}
