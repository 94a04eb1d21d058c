package ${package};

import com.google.inject.Inject;
import java.util.OptionalDouble;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.position.LinearScaling;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryScaling;

/**
 * All positions are divided by one factor, which is the least that brings the target length within
 * the original one.
 */
public final class UniformInterpolation implements PositionalScaling {
  /**
   * What a recipe says about {@code ${artifactId}}.
   *
   * @param factor by how much positions are divided
   */
  public record Options(
      @Option(
              value = "By how much positions are divided; the target length over the original one"
                  + " unless given.",
              min = 1)
          OptionalDouble factor) {}

  private final OptionalDouble factor;

  @Inject
  UniformInterpolation(Options options) {
    factor = options.factor();
  }

  @Override
  public RotaryScaling scale(RotaryEmbedding embedding, int targetLength) {
    double least = Math.max(1, (double) targetLength / embedding.originalLength());
    return new LinearScaling(factor.orElse(least));
  }
}
