package org.longlora4j.core.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.longlora4j.api.data.DocumentOrder;

/**
 * The prompt of a topic retrieval test: a record of talks on several topics, the first of which is
 * asked for at the end.
 *
 * <p>It is made as that of LongChat's LongEval (Li et al., "How Long Can Open-Source LLMs Truly
 * Promise on Context Length?", 2023), with which Chen et al., "LongLoRA" (arXiv:2309.12307, section
 * 4.2), measure retrieval too; the topics, the talks and the words are our own.
 *
 * @param topics in the order in which they are discussed
 * @param text what a model continues
 */
public record TopicPrompt(List<String> topics, String text) {
  private static final int EXCHANGES = 5; // with their sentences some 600 tokens a topic
  private static final int SENTENCES = 5;
  private static final String INTRODUCTION =
      """
      This is the record of a long talk between a USER and an ASSISTANT about different topics. \
      The USER opens each topic with the words "I would like to discuss the topic of" and its \
      name. Keep the names of the topics in mind: at the end of the record, you are asked for the \
      first of them.

      Here the record begins.
      """;
  private static final String QUESTION =
      """

      Here the record ends.
      USER: What was the first topic that we discussed? Give its name only.
      ASSISTANT: The first topic was""";

  private static final JsonNode PARTS = read();
  private static final List<String> TOPICS = texts("topics");
  private static final List<String> QUESTIONS = texts("questions");
  private static final List<String> ANSWERS = texts("sentences");

  /** The most topics that a prompt can have. */
  public static final int MOST_TOPICS = TOPICS.size();

  /** Copies the topics. */
  public TopicPrompt {
    topics = List.copyOf(topics);
  }

  /**
   * The prompt of a seed.
   *
   * @param count how many topics are discussed, from 1 to {@link #MOST_TOPICS}
   * @param seed decides which, and what is said
   */
  public static TopicPrompt drawn(int count, long seed) {
    if (count < 1 || count > MOST_TOPICS) {
      throw new IllegalArgumentException(count + " topics are not within 1…" + MOST_TOPICS);
    }
    SplittableRandom random = new SplittableRandom(seed);
    List<String> topics = drawn(TOPICS, count, random);
    StringBuilder text = new StringBuilder(INTRODUCTION);
    topics.forEach(topic -> discuss(topic, random, text));
    return new TopicPrompt(topics, text.append(QUESTION).toString());
  }

  private static void discuss(String topic, SplittableRandom random, StringBuilder text) {
    text.append("\nUSER: I would like to discuss the topic of ").append(topic).append(".\n");
    text.append("ASSISTANT: Gladly. What would you like to know about ")
        .append(topic)
        .append("?\n");
    List<String> sentences = drawn(ANSWERS, EXCHANGES * SENTENCES, random);
    List<String> questions = drawn(QUESTIONS, EXCHANGES, random);
    for (int i = 0; i < EXCHANGES; i++) {
      List<String> answer = sentences.subList(i * SENTENCES, (i + 1) * SENTENCES);
      text.append("USER: ").append(about(topic, questions.get(i))).append('\n');
      text.append("ASSISTANT: ").append(about(topic, String.join(" ", answer))).append('\n');
    }
  }

  private static String about(String topic, String sentence) {
    return sentence.replace("{topic}", topic);
  }

  private static List<String> drawn(List<String> all, int count, SplittableRandom random) {
    int[] order = DocumentOrder.shuffled(all.size(), 0, random.nextLong());
    List<String> drawn = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      drawn.add(all.get(order[i]));
    }
    return drawn;
  }

  /**
   * Whether a model told the first topic: its answer names that one, in its first line, and none of
   * the others.
   */
  public boolean isToldBy(String answer) {
    String line = answer.strip().lines().findFirst().orElse("").toLowerCase(Locale.ROOT);
    return topics.stream().allMatch(topic -> line.contains(topic) == topic.equals(topics.get(0)));
  }

  private static List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    PARTS.get(key).forEach(text -> texts.add(text.asText()));
    return List.copyOf(texts);
  }

  private static JsonNode read() {
    try (InputStream json = TopicPrompt.class.getResourceAsStream("conversations.json")) {
      return new ObjectMapper().readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
