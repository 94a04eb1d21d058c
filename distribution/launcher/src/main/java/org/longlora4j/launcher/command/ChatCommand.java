package org.longlora4j.launcher.command;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.generate.Conversation;
import org.longlora4j.core.generate.Generator;
import org.longlora4j.core.model.CachedSequence;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.launcher.chat.ChatInput;
import org.longlora4j.launcher.chat.ChatLoop;
import org.longlora4j.launcher.chat.ChatModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Talks with a model. */
@Command(
    name = "chat",
    description = {
      "Talks with a model, a line each, about a document or about nothing in particular.",
      "What is said is worded by the model's own chat template; without one it is a plain"
          + " transcript. The document is read once: its keys and values are kept. Lines may come"
          + " from a file or a program too; answers go to standard output, all else to standard"
          + " error."
    })
final class ChatCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private ModelOptions model;
  @Mixin private ModelOptions.PrecisionOption precision;

  @Option(
      names = "--document",
      paramLabel = "FILE",
      description = "A text that the conversation is about: UTF-8.")
  private Optional<Path> document = Optional.empty();

  @Option(
      names = "--max-new-tokens",
      defaultValue = "512",
      paramLabel = "N",
      description = "The most tokens of an answer. Default: ${DEFAULT-VALUE}.")
  private int maxNewTokens;

  @Mixin private SamplingOptions sampling;

  ChatCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    Optional<String> text = document.map(ChatCommand::read);
    Environment environment = session.environment();
    try (AdaptedCheckpoint checkpoint = model.open(session);
        Tokenizer tokenizer = session.requireTokenizer(model.tokenizer())) {
      Generator.Settings settings =
          new Generator.Settings(maxNewTokens, sampling.sampling(), tokenizer.stopTokens());
      try (CausalLanguageModel loaded = checkpoint.load(precision.precision());
          CachedSequence sequence = CachedSequence.dense(loaded, session.engine());
          ChatInput input = ChatInput.ofProcess()) {
        Conversation conversation = new Conversation(tokenizer, text);
        ChatModel answers =
            new ChatModel(
                new Generator(loaded, session.engine()),
                sequence,
                tokenizer,
                settings,
                sampling.stops(),
                checkpoint.config().maxPositions());
        document.ifPresent(file -> readFirst(file, conversation, answers));
        new ChatLoop(conversation, answers, input, environment.out(), environment.err()).run();
        return ExitCode.OK;
      }
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new InvalidInputException("--document: %s is not text in UTF-8".formatted(file), e);
    } catch (NoSuchFileException e) {
      throw new InvalidInputException("--document: %s does not exist".formatted(file), e);
    } catch (IOException e) {
      throw new InvalidInputException(
          "--document: %s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  private void readFirst(Path file, Conversation conversation, ChatModel answers) {
    int[] opening = conversation.opening();
    session.environment().err().printf("Reading %s: %d tokens.%n", file, opening.length);
    long start = System.nanoTime();
    answers.read(opening);
    session
        .environment()
        .err()
        .printf(Locale.ROOT, "Read in %.1f s.%n", (System.nanoTime() - start) / 1e9);
  }
}
