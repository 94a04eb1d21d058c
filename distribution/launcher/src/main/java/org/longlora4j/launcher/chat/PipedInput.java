package org.longlora4j.launcher.chat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Lines that a script writes. */
final class PipedInput implements ChatInput {
  private final BufferedReader lines;

  PipedInput(InputStream in) {
    lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
  }

  @Override
  public Optional<String> next() throws IOException {
    return Optional.ofNullable(lines.readLine());
  }

  @Override
  public void during(Interruptible work) {
    work.run(() -> false);
  }

  @Override
  public boolean isInteractive() {
    return false;
  }

  /** Standard input is not ours to close. */
  @Override
  public void close() {}
}
