package org.longlora4j.core.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.longlora4j.api.plugin.Problems;

/**
 * A tokenizer that merges characters, as SentencePiece's BPE does: the model {@code llama} of
 * llama.cpp.
 *
 * <p>llama.cpp knows no list of merges but merges, of all neighbours that make up a piece, those
 * whose piece has the highest score. So pieces get scores in the order in which the list makes
 * them, and a list that says anything else is refused.
 */
final class SentencePieces {
  private static final String BLANK = "\u2581"; // stands for a blank in pieces
  private static final Pattern BYTE = Pattern.compile("<0x[0-9A-F]{2}>");

  private final JsonNode tokenizer;
  private final GgufVocabulary vocabulary;

  SentencePieces(JsonNode tokenizer, GgufVocabulary vocabulary) {
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
  }

  private record Pair(String left, String right) {}

  void describe(GgufMetadata metadata, String unknown, Problems problems, List<String> notes) {
    vocabulary.texts().stream()
        .filter(text -> BYTE.matcher(text).matches())
        .forEach(text -> vocabulary.mark(text, GgufVocabulary.Kind.BYTE));
    vocabulary.mark(unknown, GgufVocabulary.Kind.UNKNOWN);
    metadata.text("tokenizer.ggml.model", "llama");
    metadata.text("tokenizer.ggml.pre", "default");
    metadata.reals("tokenizer.ggml.scores", scores(problems));
    Optional<Boolean> prefix = addsBlank(problems, notes);
    if (prefix.isEmpty()) {
      problems.report(
          "normalizer",
          "llama.cpp replaces blanks by %s, with one before the text or without, and nothing else; here are normalizer %s and pre_tokenizer %s"
              .formatted(BLANK, tokenizer.path("normalizer"), tokenizer.path("pre_tokenizer")));
    }
    prefix.ifPresent(adds -> metadata.flag("tokenizer.ggml.add_space_prefix", adds));
  }

  private List<Float> scores(Problems problems) {
    Map<String, Integer> order = new LinkedHashMap<>();
    Set<Pair> merges = new HashSet<>();
    String last = "";
    for (JsonNode merge : tokenizer.path("model").path("merges")) {
      Pair pair = pair(merge);
      String piece = pair.left() + pair.right();
      if (!piece.equals(last) && order.putIfAbsent(piece, order.size()) != null) {
        refuse(problems, "makes '%s' early and late".formatted(piece));
        return List.of();
      }
      merges.add(pair);
      last = piece;
    }
    Optional<Pair> missing = unlisted(merges);
    if (missing.isPresent()) {
      refuse(
          problems,
          "does not merge '%s' and '%s', which together are a token"
              .formatted(missing.get().left(), missing.get().right()));
    }
    List<Float> scores = new ArrayList<>();
    for (int id = 0; id < vocabulary.texts().size(); id++) {
      boolean piece = vocabulary.kind(id) == GgufVocabulary.Kind.NORMAL;
      int place = order.getOrDefault(vocabulary.texts().get(id), order.size());
      scores.add(piece ? -(float) place : 0f);
    }
    return scores;
  }

  private static Pair pair(JsonNode merge) {
    if (merge.isArray()) {
      return new Pair(merge.path(0).asText(), merge.path(1).asText());
    }
    String[] parts = merge.asText().split(" ", 2);
    return new Pair(parts[0], parts[1]);
  }

  /** Two pieces that llama.cpp would merge and the list does not. */
  private Optional<Pair> unlisted(Set<Pair> merges) {
    for (int id = 0; id < vocabulary.texts().size(); id++) {
      String piece = vocabulary.texts().get(id);
      if (vocabulary.kind(id) != GgufVocabulary.Kind.NORMAL) {
        continue;
      }
      for (int i = 1; i < piece.length(); i++) {
        Pair pair = new Pair(piece.substring(0, i), piece.substring(i));
        if (isPiece(pair.left()) && isPiece(pair.right()) && !merges.contains(pair)) {
          return Optional.of(pair);
        }
      }
    }
    return Optional.empty();
  }

  private boolean isPiece(String text) {
    return vocabulary.contains(text) && !vocabulary.isAdded(text);
  }

  private static void refuse(Problems problems, String reason) {
    problems.report(
        "model.merges",
        "llama.cpp merges by one score for each token, and this list %s. Convert with llama.cpp's own converter, which reads tokenizer.model."
            .formatted(reason));
  }

  /** Whether a blank is put before the text; empty if more is done to it than llama.cpp can. */
  private Optional<Boolean> addsBlank(Problems problems, List<String> notes) {
    JsonNode normalizer = tokenizer.path("normalizer");
    JsonNode cutting = tokenizer.path("pre_tokenizer");
    boolean whole = cutting.isMissingNode() || cutting.isNull();
    if (isReplacement(normalizer) && whole) {
      return Optional.of(false);
    }
    JsonNode steps = normalizer.path("normalizers");
    if (whole
        && steps.size() == 2
        && steps.get(0).path("prepend").asText().equals(BLANK)
        && isReplacement(steps.get(1))) {
      return Optional.of(true);
    }
    boolean untouched = normalizer.isMissingNode() || normalizer.isNull();
    if (!untouched || !cutting.path("type").asText().equals("Metaspace")) {
      return Optional.empty();
    }
    if (cutting.path("split").asBoolean(true)) {
      requireNoInnerBlank(problems);
    }
    String scheme = cutting.path("prepend_scheme").asText("always");
    if (scheme.equals("first")) {
      notes.add(
          "the tokenizer puts a blank before a text, and llama.cpp also behind special tokens in it");
    }
    return Optional.of(!scheme.equals("never") && cutting.path("add_prefix_space").asBoolean(true));
  }

  private static boolean isReplacement(JsonNode normalizer) {
    return normalizer.path("pattern").path("String").asText().equals(" ")
        && normalizer.path("content").asText().equals(BLANK);
  }

  private void requireNoInnerBlank(Problems problems) {
    vocabulary.texts().stream()
        .filter(text -> !vocabulary.isAdded(text) && text.lastIndexOf(BLANK) > 0)
        .findFirst()
        .ifPresent(
            text ->
                problems.report(
                    "pre_tokenizer.split",
                    "words are cut at blanks, but token '%s' has one inside, which llama.cpp would use"
                        .formatted(text)));
  }
}
