package org.longlora4j.launcher.command;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.longlora4j.core.data.DocumentLengths;
import org.longlora4j.core.data.ReadableRow;
import org.longlora4j.core.data.ReadableRow.Part;
import org.longlora4j.core.data.ReadableRow.ReadableDocument;
import org.longlora4j.core.data.RowCounts;
import org.longlora4j.core.train.DataInspection;

/**
 * Rows of data to look at.
 *
 * @param context tokens of a row
 * @param rows the first
 * @param counts what became of the documents that were read for them
 * @param lengths of the first documents
 * @param styled whether what is learned is bold and not in brackets
 */
record DataReading(
    int context,
    List<ReadableRow> rows,
    RowCounts counts,
    DocumentLengths lengths,
    @JsonIgnore boolean styled)
    implements Result {
  private static final String BOLD = "\u001b[1;32m";
  private static final String PLAIN = "\u001b[0m";

  static DataReading of(DataInspection inspection, int context, boolean styled) {
    return new DataReading(
        context, inspection.rows(), inspection.counts(), inspection.lengths(), styled);
  }

  @Override
  public String toText() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      ReadableRow row = rows.get(i);
      lines.add("== row %d: %s ==".formatted(i + 1, summary(row)));
      for (int j = 0; j < row.documents().size(); j++) {
        ReadableDocument document = row.documents().get(j);
        if (row.documents().size() > 1) {
          lines.add(
              "-- document %d: %,d tokens, %,d learned --"
                  .formatted(j + 1, document.tokens(), document.learned()));
        }
        lines.add(text(document));
      }
    }
    lines.add(lengthsInWords());
    return String.join("\n", lines);
  }

  private String summary(ReadableRow row) {
    int learned = row.documents().stream().mapToInt(ReadableDocument::learned).sum();
    return "%,d tokens, %,d learned, %,d padding, %,d %s"
        .formatted(
            context,
            learned,
            row.padding(),
            row.documents().size(),
            row.documents().size() == 1 ? "document" : "documents");
  }

  private String text(ReadableDocument document) {
    StringBuilder text = new StringBuilder();
    for (Part part : document.parts()) {
      if (part.learned()) {
        text.append(styled ? BOLD : "\u27e6").append(part.text());
        text.append(styled ? PLAIN : "\u27e7");
      } else {
        text.append(part.text());
      }
    }
    return text.toString();
  }

  private String lengthsInWords() {
    String several = lengths.all() ? "All %,d documents" : "The first %,d documents";
    String read = lengths.documents() == 1 ? "%,d document" : several;
    String words =
        String.format(
            Locale.ROOT,
            read
                + ": %,d tokens, %,d learned. Tokens by document: shortest %,d, median %,d, mean"
                + " %,.1f, 95%% at most %,d, longest %,d. Longer than the context of %,d: %,d.",
            lengths.documents(),
            lengths.tokens(),
            lengths.learnedTokens(),
            lengths.shortest(),
            lengths.median(),
            lengths.mean(),
            lengths.p95(),
            lengths.longest(),
            context,
            lengths.beyondContext());
    return words
        + " Answers cut off at the context's end: %,d. Left out without a token of an answer: %,d."
            .formatted(lengths.cut(), lengths.skipped());
  }
}
