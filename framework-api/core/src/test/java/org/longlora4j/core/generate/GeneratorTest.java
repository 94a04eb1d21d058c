package org.longlora4j.core.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.longlora4j.core.Golden.SERVICES;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.Golden;
import org.longlora4j.core.TensorCensus;
import org.longlora4j.core.model.CachedSequence;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.DenseForward;

class GeneratorTest {

  private static CausalLanguageModel model(String name) {
    return Golden.frozen(Golden.model(name), Precision.FLOAT32);
  }

  private static int[] prompt(String name, int length) {
    return Arrays.copyOf(Golden.tokens(name)[0], length);
  }

  private static int[] generate(
      CausalLanguageModel model, int[] prompt, int count, double temperature, long seed) {
    return new Generator(model, SERVICES)
        .generate(prompt, new Generator.Settings(count, sampling(temperature, seed), List.of()));
  }

  private static Sampling sampling(double temperature, long seed) {
    return new Sampling(temperature, 0, 1, 1, seed);
  }

  /** Runs the whole sequence for every token. */
  private static int[] withoutCache(CausalLanguageModel model, int[] prompt, int count) {
    int[] all = Arrays.copyOf(prompt, prompt.length + count);
    try (DenseForward forward = new DenseForward(model, SERVICES)) {
      for (int length = prompt.length; length < all.length; length++) {
        int last = length - 1;
        all[length] =
            forward.run(
                new int[][] {Arrays.copyOf(all, length)},
                hidden ->
                    (int)
                        model
                            .logits(model.positions(hidden.getManager(), hidden, last, 1))
                            .argMax()
                            .getLong());
      }
    }
    return Arrays.copyOfRange(all, prompt.length, all.length);
  }

  /** Those with a scaling have an original length of 64 tokens, which is passed on the way. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama",
        "llama-mha-tied",
        "qwen2",
        "llama-linear",
        "llama-dynamic",
        "llama-yarn",
        "llama-llama3"
      })
  void theCacheChangesNoToken(String name) {
    int[] prompt = prompt(name, 56);
    try (CausalLanguageModel model = model(name)) {
      assertThat(generate(model, prompt, 24, 0, 0)).isEqualTo(withoutCache(model, prompt, 24));
    }
  }

  @Test
  void aPromptOfOneTokenIsContinued() {
    try (CausalLanguageModel model = model("llama")) {
      int[] prompt = {5};
      assertThat(generate(model, prompt, 8, 0, 0)).isEqualTo(withoutCache(model, prompt, 8));
    }
  }

  @Test
  void whatIsDrawnDependsOnTheSeedAlone() {
    int[] prompt = prompt("llama", 12);
    try (CausalLanguageModel model = model("llama")) {
      int[] first = generate(model, prompt, 32, 1, 7);
      assertThat(generate(model, prompt, 32, 1, 7)).isEqualTo(first);
      assertThat(generate(model, prompt, 32, 1, 8)).isNotEqualTo(first);
      assertThat(generate(model, prompt, 32, 1e-6, 7)).isEqualTo(generate(model, prompt, 32, 0, 0));
    }
  }

  @Test
  void aStopTokenEndsTheTextAndIsNotPartOfIt() {
    int[] prompt = prompt("llama", 12);
    try (CausalLanguageModel model = model("llama")) {
      List<Integer> whole = new ArrayList<>();
      Arrays.stream(generate(model, prompt, 16, 0, 0)).forEach(whole::add);
      int stop = whole.get(5);
      int[] stopped =
          new Generator(model, SERVICES)
              .generate(
                  prompt,
                  new Generator.Settings(
                      Integer.MAX_VALUE, Sampling.likeliest(), List.of(-1, stop)));
      assertThat(stopped)
          .containsExactly(
              whole.subList(0, whole.indexOf(stop)).stream().mapToInt(i -> i).toArray());
    }
  }

  @Test
  void tokensComeOneByOneUntilNoMoreAreWanted() {
    int[] prompt = prompt("llama", 12);
    try (CausalLanguageModel model = model("llama");
        CachedSequence sequence = CachedSequence.dense(model, SERVICES)) {
      List<Integer> come = new ArrayList<>();
      int[] added =
          new Generator(model, SERVICES)
              .generate(
                  sequence,
                  prompt,
                  new Generator.Settings(16, Sampling.likeliest(), List.of()),
                  token -> {
                    assertThat(sequence.length()).isEqualTo(prompt.length + come.size());
                    come.add(token);
                    return come.size() < 3;
                  });
      assertThat(come).hasSize(3);
      assertThat(added).isEqualTo(generate(model, prompt, 3, 0, 0));
    }
  }

  @Test
  void nothingIsLeftBehind() {
    try (CausalLanguageModel model = model("llama-dynamic")) {
      long before = TensorCensus.of(model.manager());
      generate(model, prompt("llama-dynamic", 60), 10, 1, 0);
      assertThat(TensorCensus.of(model.manager())).isEqualTo(before);
    }
  }

  @Test
  void whatCannotBeContinuedIsRefused() {
    try (CausalLanguageModel model = model("llama")) {
      assertThatThrownBy(() -> generate(model, new int[0], 1, 0, 0))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage("the prompt has no tokens; give at least one");
      assertThatThrownBy(() -> generate(model, new int[] {320}, 1, 0, 0))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("holds the token 320, but the vocabulary of");
      assertThatThrownBy(() -> generate(model, new int[] {1}, 0, 0, 0))
          .hasMessage("--max-new-tokens is 0, must be at least 1");
      assertThatThrownBy(() -> generate(model, new int[] {1}, 1, -1, 0))
          .hasMessage("--temperature is -1.0, must be at least 0");
      assertThatThrownBy(() -> generate(model, new int[] {1}, 1, Double.NaN, 0))
          .hasMessage("--temperature is NaN, must be at least 0");
    }
  }
}
