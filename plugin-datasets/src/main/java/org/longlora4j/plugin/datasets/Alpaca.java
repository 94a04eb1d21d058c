package org.longlora4j.plugin.datasets;

import com.google.inject.Inject;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.data.ChatMessage;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.Omissions;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.Option;

/**
 * Instructions and answers in the JSON of LongAlpaca-12k (arXiv:2309.12307, section 4.1 of its
 * supervised fine-tuning) and Stanford Alpaca: {@code instruction}, an {@code input} that may be
 * missing or empty, and {@code output}, which alone is learned.
 */
public final class Alpaca implements DocumentSource {
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
              "The prompt template: none, inst ([INST]…[/INST]), alpaca (its two), llama-2, vicuna,"
                  + " or chat for the tokenizer's own; inst unless given.")
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
  public Alpaca(Options options) {
    this.options = options;
    this.words = DialogueFiles.words(options.template(), Template.INST, options.prompts());
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    return new DialogueFiles(
            options.path(), options.shuffle(), options.shuffleBuffer(), options.strict())
        .open(this::document, epoch, seed);
  }

  private Optional<Document> document(JsonRecord record, Omissions omissions) {
    Optional<String> instruction = required(record, "instruction", omissions);
    Optional<String> output = instruction.flatMap(i -> required(record, "output", omissions));
    if (output.isEmpty()) {
      return Optional.empty();
    }
    String input = record.text("input").orElse("");
    if (!DialogueFiles.isWhole(instruction.get() + input + output.get())) {
      DialogueFiles.leaveOut(omissions, "not Unicode", record, "has half a character");
      return Optional.empty();
    }
    return Optional.of(document(instruction.get(), input, output.get(), record.place()));
  }

  private Document document(String instruction, String input, String output, String place) {
    if (words.isPresent()) {
      PromptTemplate template = words.get();
      return new Document.Dialogue(
          List.of(template.exchange(instruction, input, output)), template.eachBegins(), place);
    }
    String asked = input.isEmpty() ? instruction : instruction + "\n" + input;
    return new Document.Conversation(
        List.of(
            new ChatMessage(ChatMessage.USER, asked),
            new ChatMessage(ChatMessage.ASSISTANT, output)),
        place);
  }

  private static Optional<String> required(JsonRecord record, String field, Omissions omissions) {
    Optional<String> text = record.text(field);
    if (text.isEmpty()) {
      DialogueFiles.leaveOut(
          omissions, "without " + field, record, "has no text in its field '%s'".formatted(field));
    } else if (text.get().isBlank()) {
      DialogueFiles.leaveOut(
          omissions,
          Omissions.EMPTY,
          record,
          "has an empty text in its field '%s'".formatted(field));
      return Optional.empty();
    }
    return text;
  }
}
