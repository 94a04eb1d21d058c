package org.longlora4j.launcher.command;

import static com.fasterxml.jackson.annotation.JsonInclude.Include.NON_EMPTY;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/** Prints results to standard output, and everything else to standard error. */
public final class Output {
  /** Made when a document is first asked for: it takes longer than most commands do without. */
  private static final class Json {
    static final ObjectMapper MAPPER =
        JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            // Jackson's own choice is a URI.
            .addModule(
                new SimpleModule()
                    .addSerializer(Path.class, new ToStringSerializer())
                    .addSerializer(OptionalDouble.class, new OptionalNumber()))
            .withConfigOverride(
                OptionalDouble.class,
                config -> config.setInclude(JsonInclude.Value.construct(NON_EMPTY, NON_EMPTY)))
            .build();
  }

  private final PrintStream out;
  private final PrintStream err;

  Output(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** Prints what a command found out, as its {@code --json} option says. */
  public void print(ResultFormat format, Result result) {
    if (format.json()) {
      // JSON is UTF-8 whatever the terminal's character set is.
      out.writeBytes((json(result) + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    } else {
      out.println(result.toText());
    }
  }

  /**
   * Takes the text of a result piece by piece, as it comes, and prints it at once; under {@code
   * --json} nothing is printed before {@link #endPieces}.
   */
  Consumer<String> pieces(ResultFormat format) {
    return piece -> {
      if (!format.json()) {
        out.print(piece);
        out.flush();
      }
    };
  }

  /** Ends a result of which all pieces were taken: its text is printed already. */
  void endPieces(ResultFormat format, Result result) {
    if (format.json()) {
      print(format, result);
    } else {
      out.println();
    }
  }

  private static String json(Result result) {
    try {
      return Json.MAPPER.writeValueAsString(result);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(result.getClass().getName() + " has no JSON form", e);
    }
  }

  /** Tells the user of something that does not stop the command. */
  public void warn(String message) {
    err.println("warning: " + message);
  }

  /** A number, or no key at all. */
  private static final class OptionalNumber extends StdSerializer<OptionalDouble> {
    private static final long serialVersionUID = 1;

    OptionalNumber() {
      super(OptionalDouble.class);
    }

    @Override
    public boolean isEmpty(SerializerProvider provider, OptionalDouble value) {
      return value.isEmpty();
    }

    @Override
    public void serialize(
        OptionalDouble value, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      generator.writeNumber(value.orElseThrow());
    }
  }
}
