package org.longlora4j.core.evaluate.longbench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How well a prediction agrees with an answer, from 0 to 1 (LongBench, arXiv:2308.14508, section
 * 4.1, as published in its {@code metrics.py}).
 *
 * <p>The published scores of Chinese texts cut them into words by a dictionary; here every
 * character is a word, so that {@code QA_F1_ZH} and {@code ROUGE_L_ZH} are not to be compared with
 * them.
 */
public enum Metric {
  /** F1 of the words that prediction and answer share, without articles and punctuation. */
  QA_F1 {
    @Override
    double of(String prediction, String answer, List<String> classes) {
      return WordF1.of(words(normalized(prediction)), words(normalized(answer)));
    }
  },

  /** F1 of the characters that they share. */
  QA_F1_ZH {
    @Override
    double of(String prediction, String answer, List<String> classes) {
      return WordF1.of(characters(lettersOnly(prediction)), characters(lettersOnly(answer)));
    }
  },

  /** ROUGE-L's F1 over sentences. */
  ROUGE_L {
    @Override
    double of(String prediction, String answer, List<String> classes) {
      return RougeL.of(prediction, answer);
    }
  },

  /** ROUGE-L's F1 over sentences, of characters. */
  ROUGE_L_ZH {
    @Override
    double of(String prediction, String answer, List<String> classes) {
      return RougeL.of(
          String.join(" ", characters(prediction)), String.join(" ", characters(answer)));
    }
  },

  /** One over the number of classes that the prediction names, if the right one is among them. */
  CLASSIFICATION {
    @Override
    double of(String prediction, String answer, List<String> classes) {
      List<String> named =
          classes.stream()
              .filter(prediction::contains)
              .collect(Collectors.toCollection(ArrayList::new));
      // As published, the class that follows one that is removed is not looked at.
      for (int i = 0; i < named.size(); i++) {
        if (answer.contains(named.get(i)) && !named.get(i).equals(answer)) {
          named.remove(i);
        }
      }
      return named.contains(answer) ? 1.0 / named.size() : 0;
    }
  },

  /** The share of the prediction's numbers that are the right paragraph's. */
  RETRIEVAL {
    @Override
    double of(String prediction, String answer, List<String> classes) {
      return shareOfNumbers(prediction, number(PARAGRAPH, answer));
    }
  },

  /** The same for Chinese. */
  RETRIEVAL_ZH {
    @Override
    double of(String prediction, String answer, List<String> classes) {
      return shareOfNumbers(prediction, number(PARAGRAPH_ZH, answer));
    }
  },

  /** The share of the prediction's numbers that are the right one. */
  COUNT {
    @Override
    double of(String prediction, String answer, List<String> classes) {
      return shareOfNumbers(prediction, answer);
    }
  },

  /** How alike the first line of code and the right one are. */
  CODE_SIMILARITY {
    @Override
    double of(String prediction, String answer, List<String> classes) {
      String line =
          Stream.of(withoutFirstLineEnds(prediction).split("\n", -1))
              .filter(one -> !one.contains("`") && !one.contains("#") && !one.contains("//"))
              .findFirst()
              .orElse("");
      return TextSimilarity.percent(line, answer) / 100.0;
    }
  };

  private static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS;
  private static final Pattern NUMBER = Pattern.compile("\\d+", FLAGS);
  private static final Pattern PARAGRAPH = Pattern.compile("Paragraph (\\d+)", FLAGS);
  private static final Pattern PARAGRAPH_ZH = Pattern.compile("段落(\\d+)", FLAGS);
  private static final Pattern ARTICLE = Pattern.compile("\\b(a|an|the)\\b", FLAGS);
  private static final Pattern ASCII_PUNCTUATION = Pattern.compile("\\p{Punct}");
  private static final Pattern NO_LETTER = Pattern.compile("[\\p{P}\\p{S}\\s]", FLAGS);
  private static final Pattern SPACE = Pattern.compile("\\s+", FLAGS);

  /**
   * Compares.
   *
   * @param prediction what a model said
   * @param answer one that is right
   * @param classes those of a classification, else none
   */
  abstract double of(String prediction, String answer, List<String> classes);

  /** How messages and results name it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String withoutFirstLineEnds(String text) {
    int begin = 0;
    while (begin < text.length() && text.charAt(begin) == '\n') {
      begin++;
    }
    return text.substring(begin);
  }

  static List<String> words(String text) {
    return SPACE.splitAsStream(text).filter(word -> !word.isEmpty()).toList();
  }

  private static String normalized(String text) {
    String bare = ASCII_PUNCTUATION.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
    return ARTICLE.matcher(bare).replaceAll(" ");
  }

  private static String lettersOnly(String text) {
    return NO_LETTER.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
  }

  private static List<String> characters(String text) {
    return text.codePoints()
        .filter(character -> !Character.isWhitespace(character))
        .mapToObj(Character::toString)
        .toList();
  }

  private static String number(Pattern pattern, String answer) {
    Matcher matcher = pattern.matcher(answer);
    return matcher.find() ? matcher.group(1) : "";
  }

  private static double shareOfNumbers(String prediction, String right) {
    List<String> numbers = NUMBER.matcher(prediction).results().map(m -> m.group()).toList();
    return numbers.isEmpty()
        ? 0
        : (double) numbers.stream().filter(right::equals).count() / numbers.size();
  }
}
