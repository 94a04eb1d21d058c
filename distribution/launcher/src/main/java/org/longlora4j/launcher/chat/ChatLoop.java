package org.longlora4j.launcher.chat;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Optional;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.generate.Conversation;

/** Takes a line, answers it, and so on to the end of the input. */
public final class ChatLoop {
  private static final String HELP =
      """
      /help    shows this
      /reset   forgets what was said; a document stays
      /length  tells how long the conversation is, in tokens
      /quit    ends, as Ctrl-D does
      Ctrl-C stops an answer.""";

  private final Conversation conversation;
  private final ChatModel model;
  private final ChatInput input;
  private final PrintStream out;
  private final PrintStream err;

  /**
   * Prepares to talk.
   *
   * @param conversation nothing said yet
   * @param model answers
   * @param input where lines come from
   * @param out takes answers, and nothing else
   * @param err takes everything else
   */
  public ChatLoop(
      Conversation conversation,
      ChatModel model,
      ChatInput input,
      PrintStream out,
      PrintStream err) {
    this.conversation = conversation;
    this.model = model;
    this.input = input;
    this.out = out;
    this.err = err;
  }

  /**
   * Talks to the end of the input.
   *
   * @throws IOException if a line cannot be read
   */
  public void run() throws IOException {
    if (input.isInteractive()) {
      err.println("Ask away; /help lists what else can be said, /quit ends.");
    }
    Optional<String> line = input.next().map(String::strip);
    while (line.isPresent() && !line.get().equals("/quit")) {
      if (line.get().startsWith("/")) {
        command(line.get());
      } else if (!line.get().isEmpty()) {
        answer(line.get());
      }
      line = input.next().map(String::strip);
    }
  }

  private void command(String command) {
    switch (command) {
      case "/help" -> err.println(HELP);
      case "/reset" -> {
        conversation.reset();
        err.println("What was said is forgotten.");
      }
      case "/length" ->
          err.printf(
              "%d tokens; the model was made for %d.%n", model.length(), model.contextLength());
      default -> err.printf("There is no %s; /help lists what there is.%n", command);
    }
  }

  private void answer(String question) {
    int[] prompt;
    try {
      prompt = conversation.ask(question);
    } catch (InvalidInputException e) {
      err.println(e.getMessage());
      return;
    }
    if (prompt.length >= model.contextLength()) {
      err.printf(
          "The conversation has %d tokens, and the model was made for %d: what it answers may make"
              + " no sense. /reset forgets what was said.%n",
          prompt.length, model.contextLength());
    }
    input.during(
        stopped ->
            conversation.answer(model.answer(prompt, conversation.stops(), this::print, stopped)));
    out.println();
    out.flush();
  }

  private void print(String piece) {
    out.print(piece);
    out.flush();
  }
}
