package org.longlora4j.plugin.datasets;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.longlora4j.api.data.Omissions;

/**
 * The JSON objects of a file, one at a time: a list of them, or one on each line. The file may be
 * packed. Of a list that breaks off, what comes after is lost; a broken line is left out alone.
 */
final class JsonRecordReader implements Closeable {
  private static final String NOT_JSON = "not JSON";
  private static final int LOOK_AHEAD = 1 << 12;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private final Path file;
  private final Omissions omissions;
  private final Optional<JsonParser> list;
  private final Optional<LineReader> lines;
  private boolean any;
  private boolean ended;

  /**
   * Opens a file.
   *
   * @param file the file
   * @param omissions decides about what cannot be used
   * @throws IOException if it cannot be opened
   */
  JsonRecordReader(Path file, Omissions omissions) throws IOException {
    this.file = file;
    this.omissions = omissions;
    InputStream input = new BufferedInputStream(PackedFile.open(file), LOOK_AHEAD);
    try {
      boolean isList = startsWithBracket(input);
      list = isList ? Optional.of(JSON.createParser(input)) : Optional.empty();
      lines = isList ? Optional.empty() : Optional.of(new LineReader(input));
      if (isList) {
        list.get().nextToken();
      }
    } catch (IOException | RuntimeException e) {
      input.close();
      throw e;
    }
  }

  /** Whether the first thing that is no blank, nor a byte order mark, begins a list. */
  private static boolean startsWithBracket(InputStream input) throws IOException {
    input.mark(LOOK_AHEAD);
    int next = input.read();
    for (int i = 1; i < LOOK_AHEAD && isBlank(next); i++) {
      next = input.read();
    }
    input.reset();
    return next == '[';
  }

  private static boolean isBlank(int next) {
    return next == ' '
        || next == '\t'
        || next == '\r'
        || next == '\n'
        || next == 0xef
        || next == 0xbb
        || next == 0xbf;
  }

  /** The next object; none at the end. */
  Optional<JsonRecord> next() {
    Optional<JsonRecord> record = Optional.empty();
    while (record.isEmpty() && !ended) {
      try {
        record = list.isPresent() ? ofList(list.get()) : ofLine(lines.orElseThrow());
      } catch (IOException e) {
        ended = true;
        omissions.leaveOut(
            Omissions.UNREADABLE,
            "%s cannot be read any further: %s. Put a whole file in its place.".formatted(file, e));
      }
    }
    if (ended && !any) {
      any = true;
      omissions.leaveOut(Omissions.EMPTY, file + " holds no record. Remove it.");
    }
    any |= record.isPresent();
    return record;
  }

  private Optional<JsonRecord> ofList(JsonParser parser) throws IOException {
    try {
      JsonToken token = parser.nextToken();
      if (token == JsonToken.END_ARRAY) {
        ended = true;
        return Optional.empty();
      }
      String place = place(parser.currentTokenLocation().getLineNr());
      any = true;
      if (token == JsonToken.START_OBJECT) {
        return Optional.of(JsonRecord.read(parser, place));
      }
      if (token == null) {
        ended = true;
        leaveOut(place, "ends within its list; all records before were used");
      } else {
        parser.skipChildren();
        leaveOut(place, "is no JSON object, which a record must be");
      }
    } catch (JsonProcessingException e) {
      ended = true; // what follows cannot be told apart
      leaveOut(place(e.getLocation().getLineNr()), e, "; all after it is left out");
    }
    return Optional.empty();
  }

  private Optional<JsonRecord> ofLine(LineReader reader) throws IOException {
    Optional<LineReader.Line> line = reader.next();
    if (line.isEmpty()) {
      ended = true;
      return Optional.empty();
    }
    if (line.get().isBlank()) {
      return Optional.empty();
    }
    any = true;
    String place = place(line.get().number());
    try (JsonParser parser = JSON.createParser(line.get().bytes())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        leaveOut(place, "is no JSON object, which a line must be");
        return Optional.empty();
      }
      JsonRecord record = JsonRecord.read(parser, place);
      if (parser.nextToken() != null) {
        leaveOut(place, "has more than one JSON object, which a line must be");
        return Optional.empty();
      }
      return Optional.of(record);
    } catch (JsonProcessingException e) {
      leaveOut(place, e, "");
    }
    return Optional.empty();
  }

  private void leaveOut(String place, String found) {
    omissions.leaveOut(NOT_JSON, place + " " + found + ". Mend the file.");
  }

  /** Jackson tells bytes that are no UTF-8 as any other mistake. */
  private void leaveOut(String place, JsonProcessingException e, String consequence) {
    String found = e.getOriginalMessage();
    String reason = found.contains("UTF-8") ? Omissions.NOT_UTF_8 : NOT_JSON;
    omissions.leaveOut(
        reason,
        "%s is not JSON: %s, at character %d%s. Mend the file."
            .formatted(place, found, e.getLocation().getColumnNr(), consequence));
  }

  private String place(long line) {
    return file + " line " + line;
  }

  @Override
  public void close() throws IOException {
    if (list.isPresent()) {
      list.get().close();
    }
    if (lines.isPresent()) {
      lines.get().close();
    }
  }
}
