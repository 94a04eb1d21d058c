package org.longlora4j.launcher.chat;

import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** Where a person's lines come from, and how they stop an answer. */
public interface ChatInput extends AutoCloseable {
  /**
   * The terminal, if standard input is one; else its lines.
   *
   * @throws IOException if the terminal cannot be opened
   */
  static ChatInput ofProcess() throws IOException {
    Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).build();
    if (terminal.getType().startsWith(Terminal.TYPE_DUMB)) {
      terminal.close();
      return new PipedInput(System.in);
    }
    return new TerminalInput(terminal);
  }

  /**
   * The next line.
   *
   * @return empty at the end of the input
   * @throws IOException if it cannot be read
   */
  Optional<String> next() throws IOException;

  /**
   * Does something that may take long.
   *
   * @param work is told when it is to end early
   */
  void during(Interruptible work);

  /** Whether a person sits there. */
  boolean isInteractive();

  /** Something that may be stopped. */
  @FunctionalInterface
  interface Interruptible {
    /**
     * Runs.
     *
     * @param stopped whether it is to end
     */
    void run(BooleanSupplier stopped);
  }

  @Override
  void close() throws IOException;
}
