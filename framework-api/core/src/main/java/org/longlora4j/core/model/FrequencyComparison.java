package org.longlora4j.core.model;

import com.google.inject.Module;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryFrequencies;
import org.longlora4j.api.position.RotaryScaling;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.ProblemList;
import org.longlora4j.core.recipe.Recipe;

/**
 * What a recipe's positional scaling does to each pair of dimensions.
 *
 * @param rotaryDim how many dimensions of a head are rotated
 * @param originalLength the context length of pretraining in tokens
 * @param context the recipe's, in tokens
 * @param before the checkpoint's scaling, in config.json's keys
 * @param after the recipe's scaling, in config.json's keys
 * @param attentionScalingBefore what multiplies cosine and sine in the checkpoint
 * @param attentionScalingAfter what multiplies them under the recipe
 * @param dimensions from the shortest wavelength to the longest
 */
public record FrequencyComparison(
    int rotaryDim,
    int originalLength,
    int context,
    Map<String, Object> before,
    Map<String, Object> after,
    double attentionScalingBefore,
    double attentionScalingAfter,
    List<Pair> dimensions) {
  /**
   * One pair of dimensions that is turned together.
   *
   * @param dimension the first; the second is half the rotated dimensions further
   * @param wavelengthBefore tokens to a full turn in the checkpoint
   * @param wavelengthAfter tokens to a full turn under the recipe
   * @param stretch by what the wavelength is multiplied
   */
  public record Pair(
      int dimension, double wavelengthBefore, double wavelengthAfter, double stretch) {}

  /**
   * Compares the frequencies for a whole context of the checkpoint with those for a whole context
   * of the recipe.
   *
   * @param recipe valid in itself
   * @param registry builds the recipe's scaling
   * @param services what its constructor may ask for
   * @throws org.longlora4j.api.plugin.InvalidInputException if the scaling does not accept the
   *     model
   */
  public static FrequencyComparison of(Recipe recipe, ExtensionRegistry registry, Module services) {
    ModelFamilies families = new ModelFamilies(registry);
    ModelConfig config =
        recipe
            .model()
            .path()
            .map(path -> ModelConfig.read(path, families))
            .orElseGet(
                () ->
                    ModelConfig.of(
                        recipe.model().init().orElseThrow(),
                        recipe.file(),
                        "model.init",
                        families));
    PositionalScaling position = registry.create(recipe.position(), services);
    ProblemList problems = new ProblemList();
    position.check(config.rotary(), recipe.context(), problems.in(recipe.file(), "position"));
    problems.throwIfAny();
    RotaryScaling scaling = position.scale(config.rotary(), recipe.context());
    return of(config, scaling, recipe.context());
  }

  private static FrequencyComparison of(ModelConfig config, RotaryScaling scaling, int context) {
    RotaryEmbedding embedding = config.rotary();
    RotaryFrequencies before = embedding.frequencies(config.maxPositions());
    RotaryFrequencies after = embedding.withScaling(scaling).frequencies(context);
    return new FrequencyComparison(
        embedding.rotaryDim(),
        embedding.originalLength(),
        context,
        keys(embedding, embedding.scaling()),
        keys(embedding, scaling),
        before.attentionScaling(),
        after.attentionScaling(),
        IntStream.range(0, before.inverse().length)
            .mapToObj(i -> pair(i, before.inverse()[i], after.inverse()[i]))
            .toList());
  }

  private static Map<String, Object> keys(RotaryEmbedding embedding, RotaryScaling scaling) {
    Map<String, Object> keys = new LinkedHashMap<>(scaling.parameters());
    keys.put("rope_theta", scaling.theta(embedding));
    return keys;
  }

  private static Pair pair(int dimension, double before, double after) {
    return new Pair(dimension, 2 * Math.PI / before, 2 * Math.PI / after, before / after);
  }
}
