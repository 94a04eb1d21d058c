package org.longlora4j.plugin.datasets;

import com.google.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.data.ChatMessage;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.Omissions;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.Option;

/**
 * Conversations as lists of messages: {@code messages} of {@code role} and {@code content}, or
 * ShareGPT's {@code conversations} of {@code from} and {@code value}. What the assistant says is
 * learned. Messages after its last one are left off.
 */
public final class Chats implements DocumentSource {
  private static final Map<String, String> SHARE_GPT_ROLES =
      Map.of(
          "human", ChatMessage.USER,
          "gpt", ChatMessage.ASSISTANT,
          "chatgpt", ChatMessage.ASSISTANT,
          "model", ChatMessage.ASSISTANT);

  private final Options options;
  private final Optional<PromptTemplate> words;

  /**
   * What a recipe may say.
   *
   * @param path which files
   * @param template which prompt template
   * @param prompts one that has no name
   * @param shuffle whether the order changes with the seed and from epoch to epoch
   * @param shuffleBuffer how many documents are held to draw the next one from
   * @param strict whether what cannot be used is an error
   */
  public record Options(
      @Option(DialogueFiles.PATH) List<FilePattern> path,
      @Option(
              "The prompt template: none, inst ([INST]…[/INST]), alpaca, llama-2, vicuna, or chat for"
                  + " the tokenizer's own; chat unless given.")
          Optional<Template> template,
      @Option(DialogueFiles.PROMPTS) Optional<PromptTemplate> prompts,
      @Option(value = RecordFiles.SHUFFLE, defaultValue = "true") boolean shuffle,
      @Option(value = RecordFiles.SHUFFLE_BUFFER, defaultValue = "1000", min = 1, max = 1e6)
          int shuffleBuffer,
      @Option(value = DialogueFiles.STRICT, defaultValue = "false") boolean strict) {
    /** Requires a pattern, and one template at most. */
    public Options {
      path = SourceFiles.requirePath(path);
      DialogueFiles.requireOne(template, prompts);
    }
  }

  /** A source of the files that the options name. */
  @Inject
  public Chats(Options options) {
    this.options = options;
    this.words = DialogueFiles.words(options.template(), Template.CHAT, options.prompts());
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    return new DialogueFiles(
            options.path(), options.shuffle(), options.shuffleBuffer(), options.strict())
        .open(this::document, epoch, seed);
  }

  private Optional<Document> document(JsonRecord record, Omissions omissions) {
    Optional<List<ChatMessage>> read = messages(record);
    if (read.isEmpty()) {
      DialogueFiles.leaveOut(
          omissions,
          "without messages",
          record,
          "has neither 'messages' of role and content nor 'conversations' of from and value, all of"
              + " them texts");
      return Optional.empty();
    }
    List<ChatMessage> messages = upToLastAnswer(read.get());
    if (messages.isEmpty()) {
      DialogueFiles.leaveOut(
          omissions, "without an answer", record, "has no message of the assistant's");
      return Optional.empty();
    }
    if (!messages.stream().map(ChatMessage::content).allMatch(DialogueFiles::isWhole)) {
      DialogueFiles.leaveOut(omissions, "not Unicode", record, "has half a character");
      return Optional.empty();
    }
    if (words.isEmpty()) {
      return Optional.of(new Document.Conversation(messages, record.place()));
    }
    return dialogue(messages, words.get(), record, omissions);
  }

  private static Optional<List<ChatMessage>> messages(JsonRecord record) {
    return record
        .objects("messages")
        .flatMap(list -> messages(list, "role", "content"))
        .or(() -> record.objects("conversations").flatMap(list -> messages(list, "from", "value")));
  }

  private static Optional<List<ChatMessage>> messages(
      List<Map<?, ?>> list, String roleField, String contentField) {
    List<ChatMessage> messages = new ArrayList<>();
    for (Map<?, ?> message : list) {
      if (!(message.get(roleField) instanceof String role)
          || !(message.get(contentField) instanceof String content)) {
        return Optional.empty();
      }
      String known = role.toLowerCase(Locale.ROOT);
      messages.add(new ChatMessage(SHARE_GPT_ROLES.getOrDefault(known, known), content));
    }
    return Optional.of(messages);
  }

  private static List<ChatMessage> upToLastAnswer(List<ChatMessage> messages) {
    int end = messages.size();
    while (end > 0 && !messages.get(end - 1).isAssistants()) {
      end--;
    }
    return messages.subList(0, end);
  }

  /** Words know of a system message first, and then of questions and answers in turn. */
  private static Optional<Document> dialogue(
      List<ChatMessage> messages, PromptTemplate words, JsonRecord record, Omissions omissions) {
    boolean system = messages.get(0).role().equals(ChatMessage.SYSTEM);
    String instructions = system ? messages.get(0).content() : "";
    List<PromptTemplate.Turn> turns = new ArrayList<>();
    for (int i = system ? 1 : 0; i < messages.size(); i += 2) {
      if (i + 1 == messages.size()
          || !messages.get(i).role().equals(ChatMessage.USER)
          || !messages.get(i + 1).isAssistants()) {
        DialogueFiles.leaveOut(
            omissions,
            "not in turns",
            record,
            "has other messages than the user's and the assistant's in turn, at number "
                + i
                + " from 0; template chat may know them");
        return Optional.empty();
      }
      turns.add(new PromptTemplate.Turn(messages.get(i).content(), messages.get(i + 1).content()));
    }
    return Optional.of(
        new Document.Dialogue(
            words.exchanges(instructions, turns), words.eachBegins(), record.place()));
  }
}
