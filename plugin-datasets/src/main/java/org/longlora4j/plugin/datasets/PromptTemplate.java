package org.longlora4j.plugin.datasets;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.longlora4j.api.data.Document.Exchange;
import org.longlora4j.api.plugin.Option;

/**
 * What stands around prompts and answers, in words with places: {@code {prompt}} and {@code
 * {answer}} for what is asked and answered, {@code {input}} for the text that an instruction is
 * about, {@code {system}} for how the assistant is to behave.
 *
 * @param prompt around the first prompt
 * @param promptWithInput around the first prompt if it has an input; without one the input follows
 *     the instruction on a line of its own
 * @param later around further prompts; as the first, without {@code {system}}, unless given
 * @param answer around an answer; the end token follows
 * @param system takes the place of {@code {system}} if a conversation says nothing itself
 * @param systemBlock around what {@code {system}} stands for; nothing if that is empty
 * @param eachBegins whether every prompt begins as a text does, and not the first alone
 */
public record PromptTemplate(
    @Option("What stands around the first prompt, with the place {prompt}") String prompt,
    @Option(
            "The same for an instruction that has an input, with the place {input} too; unless"
                + " given, the input follows the instruction on a line of its own")
        Optional<String> promptWithInput,
    @Option("The same for further prompts of a conversation; as the first unless given")
        Optional<String> later,
    @Option(
            value = "What stands around an answer; the model's end token follows",
            defaultValue = "'{answer}'")
        String answer,
    @Option(value = "What {system} says where the data say nothing", defaultValue = "''")
        String system,
    @Option(
            value = "What stands around what {system} says, unless that is nothing",
            defaultValue = "'{system}'")
        String systemBlock,
    @Option(
            value =
                "Whether every prompt begins as the tokenizer begins a text, or the first alone",
            defaultValue = "false")
        boolean eachBegins) {
  private static final String PROMPT = "{prompt}";
  private static final String INPUT = "{input}";
  private static final String ANSWER = "{answer}";
  private static final String SYSTEM = "{system}";

  /**
   * Requires the places.
   *
   * @throws IllegalArgumentException if one is missing
   */
  public PromptTemplate {
    require("prompt", prompt, PROMPT);
    promptWithInput.ifPresent(
        text -> {
          require("prompt-with-input", text, PROMPT);
          require("prompt-with-input", text, INPUT);
        });
    later.ifPresent(text -> require("later", text, PROMPT));
    require("answer", answer, ANSWER);
    require("system-block", systemBlock, SYSTEM);
  }

  private static void require(String key, String text, String place) {
    if (!text.contains(place)) {
      throw new IllegalArgumentException(
          "%s is '%s', must have the place %s".formatted(key, text, place));
    }
  }

  /**
   * A question and its answer.
   *
   * @param asked the prompt or instruction
   * @param answered the answer
   */
  record Turn(String asked, String answered) {}

  /** An instruction, what it is about (which may be empty), and the answer. */
  Exchange exchange(String instruction, String input, String answered) {
    if (input.isEmpty()) {
      return exchanges(system, List.of(new Turn(instruction, answered))).get(0);
    }
    String asked =
        promptWithInput.isPresent()
            ? filled(promptWithInput.get(), instruction, input)
            : filled(prompt, instruction + "\n" + input, "");
    return new Exchange(asked, answer(answered));
  }

  /**
   * A conversation.
   *
   * @param instructions how the assistant is to behave; empty for the template's own
   * @param turns in order
   */
  List<Exchange> exchanges(String instructions, List<Turn> turns) {
    String first = instructions.isEmpty() ? system : instructions;
    return IntStream.range(0, turns.size())
        .mapToObj(
            i ->
                new Exchange(
                    i == 0
                        ? fill(prompt, first, turns.get(i).asked(), "")
                        : fill(later.orElse(prompt), "", turns.get(i).asked(), ""),
                    answer(turns.get(i).answered())))
        .toList();
  }

  private String answer(String answered) {
    return answer.replace(ANSWER, answered);
  }

  private String filled(String template, String asked, String input) {
    return fill(template, system, asked, input);
  }

  /** Fills the places in one pass: what is filled in may look like a place itself. */
  private String fill(String template, String instructions, String asked, String input) {
    String block = instructions.isEmpty() ? "" : systemBlock.replace(SYSTEM, instructions);
    StringBuilder filled = new StringBuilder();
    int at = 0;
    while (at < template.length()) {
      if (template.startsWith(PROMPT, at)) {
        filled.append(asked);
        at += PROMPT.length();
      } else if (template.startsWith(INPUT, at)) {
        filled.append(input);
        at += INPUT.length();
      } else if (template.startsWith(SYSTEM, at)) {
        filled.append(block);
        at += SYSTEM.length();
      } else {
        filled.append(template.charAt(at++));
      }
    }
    return filled.toString();
  }
}
