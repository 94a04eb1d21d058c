package org.longlora4j.plugin.datasets;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.longlora4j.api.data.Omissions;

/** Takes one field's text out of lines that hold a JSON object each. */
final class JsonField {
  private static final String NOT_JSON = "not JSON";

  /** Documents are long, and a line is in memory by then. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private final String name;
  private final Omissions omissions;
  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();

  JsonField(String name, Omissions omissions) {
    this.name = name;
    this.omissions = omissions;
  }

  /**
   * The text of a line.
   *
   * @param place the file and line, for messages
   * @return none if the line is left out
   */
  Optional<String> of(byte[] line, String place) {
    return decode(line, place).flatMap(json -> text(json, place));
  }

  private Optional<CharBuffer> decode(byte[] line, String place) {
    boolean marked =
        line.length > 2
            && line[0] == (byte) 0xef
            && line[1] == (byte) 0xbb
            && line[2] == (byte) 0xbf; // some editors begin a file with a byte order mark
    ByteBuffer bytes = ByteBuffer.wrap(line, marked ? 3 : 0, line.length - (marked ? 3 : 0));
    CharBuffer characters = CharBuffer.allocate(bytes.remaining());
    CoderResult result = decoder.reset().decode(bytes, characters, true);
    if (result.isError()) {
      omissions.leaveOut(
          Omissions.NOT_UTF_8,
          "%s is not UTF-8 text: at byte %d of the line, counted from 0, there is %02x (hexadecimal)."
                  .formatted(place, bytes.position(), line[bytes.position()])
              + " Convert the file to UTF-8.");
      return Optional.empty();
    }
    return Optional.of(characters.flip());
  }

  private Optional<String> text(CharBuffer json, String place) {
    Optional<String> text = Optional.empty();
    Optional<JsonToken> other = Optional.empty();
    try (JsonParser parser =
        JSON.createParser(json.array(), json.arrayOffset(), json.remaining())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return leaveOut(NOT_JSON, place, "is no JSON object, which a line must be");
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        boolean wanted = parser.currentName().equals(name);
        JsonToken value = parser.nextToken();
        if (wanted && value == JsonToken.VALUE_STRING) {
          text = Optional.of(parser.getText());
        } else if (wanted) {
          other = Optional.of(value);
        }
        parser.skipChildren();
      }
      if (parser.nextToken() != null) {
        return leaveOut(NOT_JSON, place, "has more than one JSON object, which a line must be");
      }
    } catch (JsonProcessingException e) {
      return leaveOut(
          NOT_JSON,
          place,
          "is not JSON: %s, at character %d"
              .formatted(e.getOriginalMessage(), e.getLocation().getColumnNr()));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // none reads from memory
    }
    return text.isPresent() ? usable(text.get(), place) : missing(other, place);
  }

  private Optional<String> missing(Optional<JsonToken> other, String place) {
    return leaveOut(
        "without the field '" + name + "'",
        place,
        other
            .map(value -> "has no text in its field '%s' but %s".formatted(name, inWords(value)))
            .orElse("has no field '%s'".formatted(name)));
  }

  private static String inWords(JsonToken value) {
    return switch (value) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "a list";
      case VALUE_NULL -> "null";
      case VALUE_TRUE, VALUE_FALSE -> "true or false";
      default -> "a number";
    };
  }

  private Optional<String> usable(String text, String place) {
    if (text.isEmpty()) {
      return leaveOut(
          Omissions.EMPTY, place, "has an empty text in its field '%s'".formatted(name));
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      return leaveOut(
          "not Unicode", place, "has half a character in its field '%s'".formatted(name));
    }
    return Optional.of(text);
  }

  private Optional<String> leaveOut(String reason, String place, String found) {
    omissions.leaveOut(reason, place + " " + found + ". Mend the line or remove it.");
    return Optional.empty();
  }
}
