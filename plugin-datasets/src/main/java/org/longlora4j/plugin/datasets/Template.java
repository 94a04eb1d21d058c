package org.longlora4j.plugin.datasets;

import java.util.Optional;

/** The prompt templates that have a name. */
public enum Template {
  /**
   * Nothing around anything, as LongLoRA's published fine-tuning gives LongAlpaca's instructions,
   * and as data come that hold a template already.
   */
  NONE(
      new PromptTemplate(
          "{prompt}", Optional.empty(), Optional.empty(), "{answer}", "", "{system}\n", false)),
  /** LongAlpaca's: the marks that Llama 2 was trained with, without anything else. */
  INST(
      new PromptTemplate(
          "[INST]{system}{prompt}[/INST]",
          Optional.empty(),
          Optional.empty(),
          "{answer}",
          "",
          "{system}\n",
          true)),
  /** Stanford Alpaca's two: for an instruction alone, and for one with an input. */
  ALPACA(
      new PromptTemplate(
          "{system}\n\n### Instruction:\n{prompt}\n\n### Response:",
          Optional.of(
              "Below is an instruction that describes a task, paired with an input that provides"
                  + " further context. Write a response that appropriately completes the request."
                  + "\n\n### Instruction:\n{prompt}\n\n### Input:\n{input}\n\n### Response:"),
          Optional.of("### Instruction:\n{prompt}\n\n### Response:"),
          "{answer}",
          "Below is an instruction that describes a task. Write a response that appropriately"
              + " completes the request.",
          "{system}",
          false)),
  /** Llama 2's chat, each exchange a text of its own, which begins and ends. */
  LLAMA_2(
      new PromptTemplate(
          "[INST] {system}{prompt} [/INST]",
          Optional.empty(),
          Optional.empty(),
          " {answer} ",
          "",
          "<<SYS>>\n{system}\n<</SYS>>\n\n",
          true)),
  /** Vicuna 1.1's. */
  VICUNA(
      new PromptTemplate(
          "{system}USER: {prompt} ASSISTANT:",
          Optional.empty(),
          Optional.of("USER: {prompt} ASSISTANT:"),
          " {answer}",
          "A chat between a curious user and an artificial intelligence assistant. The assistant"
              + " gives helpful, detailed, and polite answers to the user's questions.",
          "{system} ",
          false)),
  /** The tokenizer's own chat template. */
  CHAT;

  @SuppressWarnings("ImmutableEnumChecker") // a record of texts
  private final Optional<PromptTemplate> template;

  Template() {
    this.template = Optional.empty();
  }

  Template(PromptTemplate template) {
    this.template = Optional.of(template);
  }

  /** The words; empty for the template that the tokenizer has. */
  Optional<PromptTemplate> words() {
    return template;
  }
}
