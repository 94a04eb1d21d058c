package org.longlora4j.plugin.datasets;

import java.util.List;
import java.util.Optional;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.LeftOut;
import org.longlora4j.api.data.Omissions;
import org.longlora4j.api.data.TextFileStream;
import org.longlora4j.api.data.TextPieces;

/** One pass over files in archives, of which one is read at a time. */
final class ArchiveStream implements DocumentStream {
  private final OpenArchives archives = new OpenArchives();
  private final DocumentStream texts;

  /**
   * Begins a pass.
   *
   * @param entries in the order in which they are to come
   * @param omissions decides about what cannot be used
   */
  ArchiveStream(List<ArchiveEntry> entries, Omissions omissions) {
    texts = new TextFileStream(entries.stream().map(ArchivedText::new).toList(), omissions);
  }

  /** An entry that these archives open. */
  private final class ArchivedText implements TextFileStream.Entry {
    private final ArchiveEntry entry;

    ArchivedText(ArchiveEntry entry) {
      this.entry = entry;
    }

    @Override
    public String name() {
      return entry.toString();
    }

    @Override
    public long bytes() {
      return entry.bytes();
    }

    @Override
    public TextPieces open() {
      return new TextPieces(archives.root(entry.archive()).resolve(entry.file()), name());
    }
  }

  @Override
  public Optional<Document> next() {
    return texts.next();
  }

  @Override
  public PassedOver passOver(long most) {
    return texts.passOver(most);
  }

  @Override
  public LeftOut leftOut() {
    return texts.leftOut();
  }

  @Override
  public void close() {
    texts.close();
    archives.close();
  }
}
