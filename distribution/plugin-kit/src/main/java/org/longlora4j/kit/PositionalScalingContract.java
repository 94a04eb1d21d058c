package org.longlora4j.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.position.LinearScaling;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryFrequencies;
import org.longlora4j.api.position.RotaryScaling;
import org.longlora4j.core.model.ModelConfig;

/**
 * What every positional scaling promises, asked about a Llama of 4096 tokens with heads of 8
 * dimensions, and about target lengths up to eight times as long.
 */
public abstract class PositionalScalingContract extends ExtensionContract<PositionalScaling> {
  private static final int ORIGINAL = 4096;

  /** Checks scalings. */
  protected PositionalScalingContract() {
    super(PositionalScaling.class);
  }

  /**
   * The target lengths to be tried; 1, 2, 2 and a bit, and 8 times the original unless overridden.
   */
  protected List<Integer> targetLengths() {
    return List.of(ORIGINAL, 2 * ORIGINAL, 2 * ORIGINAL + 1, 8 * ORIGINAL);
  }

  /**
   * Whether a checkpoint that was extended before is extended anew from its original length; it is
   * unless overridden. A scaling that is declared not to do so must keep what the checkpoint has.
   */
  protected boolean extendsAnew() {
    return true;
  }

  /** Target lengths that {@link PositionalScaling#check} must refuse; none unless overridden. */
  protected List<Integer> refused() {
    return List.of();
  }

  @Override
  final Map<String, String> recipe(String section) {
    return Map.of("position", section);
  }

  @Override
  final List<String> complaints(PositionalScaling scaling) {
    List<String> lines = new ArrayList<>();
    try {
      for (int length : targetLengths()) {
        lines.addAll(complaints(scaling, length));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return lines;
  }

  private List<String> complaints(PositionalScaling scaling, int length) throws IOException {
    List<String> lines = new ArrayList<>();
    scaling.check(model().rotary(), length, (key, message) -> lines.add(key + ": " + message));
    return lines;
  }

  private ModelConfig model() throws IOException {
    return config(
        """
        {
          "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
          "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1,
          "num_attention_heads": 4, "num_key_value_heads": 4, "head_dim": 8,
          "max_position_embeddings": %d, "vocab_size": 512, "rope_theta": 10000.0,
          "rms_norm_eps": 1e-5, "tie_word_embeddings": false
        }
        """
            .formatted(ORIGINAL));
  }

  private ModelConfig config(String json) throws IOException {
    Path directory = Files.createDirectories(folder().resolve("scaled"));
    Files.writeString(directory.resolve("config.json"), json);
    return ModelConfig.read(directory);
  }

  @Test
  void theTargetLengthsAreAccepted() {
    assertThat(complaints(extension())).as("what check() says against a Llama").isEmpty();
  }

  @Test
  void whatIsDeclaredRefusedIsRefusedWithAMessage() throws IOException {
    for (int length : refused()) {
      assertThat(complaints(extension(), length))
          .as("what check() says against a target of %d tokens", length)
          .isNotEmpty();
    }
  }

  @Test
  void frequenciesArePositiveNumbersOneForEachPairOfDimensions() throws IOException {
    RotaryEmbedding embedding = model().rotary();
    for (int target : targetLengths()) {
      RotaryScaling scaling = extension().scale(embedding, target);
      for (int length : new int[] {1, ORIGINAL, target}) {
        RotaryFrequencies frequencies = scaling.frequencies(embedding, length);
        assertThat(frequencies.inverse())
            .as("frequencies for %d of %d tokens", length, target)
            .hasSize(embedding.rotaryDim() / 2);
        for (float frequency : frequencies.inverse()) {
          assertThat(frequency).as("a frequency, in radians a token").isPositive().isFinite();
        }
        assertThat(frequencies.attentionScaling()).as("attentionScaling").isPositive().isFinite();
      }
    }
  }

  @Test
  void oneCheckpointAndLengthAlwaysScaleTheSame() throws IOException {
    RotaryEmbedding embedding = model().rotary();
    for (int target : targetLengths()) {
      assertSame(
          "the frequencies of two instances",
          extension().scale(embedding, target).frequencies(embedding, target),
          extension().scale(embedding, target).frequencies(embedding, target));
    }
  }

  @Test
  void frequenciesDependOnTheLengthIfThatIsSaid() throws IOException {
    RotaryEmbedding embedding = model().rotary();
    int target = targetLengths().get(targetLengths().size() - 1);
    RotaryScaling scaling = extension().scale(embedding, target);
    RotaryFrequencies shorter = scaling.frequencies(embedding, ORIGINAL / 2);
    RotaryFrequencies longer = scaling.frequencies(embedding, target);
    if (scaling.dependsOnLength()) {
      assertThat(longer.inverse())
          .as("frequencies for %d tokens, where dependsOnLength() is true", target)
          .isNotEqualTo(shorter.inverse());
    } else {
      assertSame("frequencies for two lengths, where dependsOnLength() is false", longer, shorter);
    }
  }

  @Test
  void aCheckpointThatWasExtendedBeforeIsExtendedAnewUnlessThatIsDeclared() throws IOException {
    RotaryEmbedding original = model().rotary();
    RotaryScaling before = new LinearScaling(2);
    RotaryEmbedding extended = original.withScaling(before);
    for (int target : targetLengths()) {
      RotaryScaling expected = extendsAnew() ? extension().scale(original, target) : before;
      assertSame(
          "the frequencies of a checkpoint that was extended before",
          extension().scale(extended, target).frequencies(original, target),
          expected.frequencies(original, target));
    }
  }

  @Test
  void whatConfigJsonSaysReadsBackToTheSameFrequencies() throws IOException {
    ModelConfig model = model();
    for (int target : targetLengths()) {
      RotaryScaling scaling = extension().scale(model.rotary(), target);
      assertThat(scaling.parameters()).as("parameters()").containsKey("rope_type");
      ModelConfig read = config(model.extended(scaling, target).json().toString());
      for (int length : new int[] {ORIGINAL / 2, target}) {
        assertSame(
            "the frequencies for %d tokens of what config.json says, %s"
                .formatted(length, scaling.parameters()),
            read.rotary().frequencies(length),
            scaling.frequencies(model.rotary(), length));
      }
    }
  }

  private static void assertSame(
      String what, RotaryFrequencies actual, RotaryFrequencies expected) {
    if (!Arrays.equals(actual.inverse(), expected.inverse())) {
      Drawn.assertNear(what, actual.inverse(), expected.inverse(), 1e-7);
    }
    assertThat(actual.attentionScaling())
        .as("attentionScaling of " + what)
        .isEqualTo(expected.attentionScaling());
  }
}
