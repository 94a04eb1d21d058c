package org.longlora4j.launcher.chat;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;

/** Lines that a person edits; earlier ones come back with the arrow keys. */
final class TerminalInput implements ChatInput {
  private static final String PROMPT = "> ";

  private final Terminal terminal;
  private final LineReader reader;

  TerminalInput(Terminal terminal) {
    this.terminal = terminal;
    reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            // An exclamation mark is one, and no reference to an earlier line.
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .build();
  }

  /** Ctrl-C throws the line away, which leaves an empty one; Ctrl-D in that ends the input. */
  @Override
  public Optional<String> next() {
    try {
      return Optional.of(reader.readLine(PROMPT));
    } catch (UserInterruptException e) {
      return Optional.of("");
    } catch (EndOfFileException e) {
      return Optional.empty();
    }
  }

  /** Ctrl-C stops it. */
  @Override
  public void during(Interruptible work) {
    AtomicBoolean stopped = new AtomicBoolean();
    Terminal.SignalHandler before =
        terminal.handle(Terminal.Signal.INT, signal -> stopped.set(true));
    try {
      work.run(stopped::get);
    } finally {
      terminal.handle(Terminal.Signal.INT, before);
    }
  }

  @Override
  public boolean isInteractive() {
    return true;
  }

  @Override
  public void close() throws IOException {
    terminal.close();
  }
}
