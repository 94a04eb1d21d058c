package org.longlora4j.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.core.checkpoint.Quantization;
import org.longlora4j.core.checkpoint.WeightStorage;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.plugin.Choice;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.RecipeLibrary;
import org.longlora4j.core.recipe.RecipeReader;
import org.longlora4j.core.tensor.TorchServices;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/**
 * Writes a quantized checkpoint of random weights in the shape of Llama 2, to measure what training
 * a model of that size takes. One weight at a time is in memory, and never one as floats on disk.
 */
@Command(
    name = "random-checkpoint",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Writes a Hugging Face checkpoint of random weights, quantized, one weight at a time.")
public final class RandomCheckpoint implements Callable<Integer> {
  private static final Map<String, Shape> NAMED =
      Map.of(
          "7b", new Shape(4096, 11008, 32, 32, 32),
          "13b", new Shape(5120, 13824, 40, 40, 40));

  @Option(
      names = "--shape",
      defaultValue = "7b",
      paramLabel = "SHAPE",
      description =
          "7b or 13b for Llama 2's, or HIDDEN,INTERMEDIATE,LAYERS,HEADS,KEY_VALUE_HEADS. Default:"
              + " ${DEFAULT-VALUE}.")
  private String shape;

  @Option(
      names = "--vocabulary",
      defaultValue = "32000",
      paramLabel = "N",
      description = "Tokens of the vocabulary. Default: ${DEFAULT-VALUE}.")
  private int vocabulary;

  @Option(
      names = "--context",
      defaultValue = "4096",
      paramLabel = "N",
      description = "The context length that config.json states. Default: ${DEFAULT-VALUE}.")
  private int context;

  @Option(
      names = "--quantizer",
      defaultValue = "nf4",
      paramLabel = "SECTION",
      description =
          "What a recipe says under quantization, such as {use: nf4, double-quantization: false}."
              + " Default: ${DEFAULT-VALUE}.")
  private String quantizer;

  @Option(names = "--seed", defaultValue = "1", description = "Decides the weights.")
  private long seed;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Where the checkpoint will appear; must not exist.")
  private Path output;

  private record Shape(int hidden, int intermediate, int layers, int heads, int keyValueHeads) {
    static Shape parse(String text) {
      if (NAMED.containsKey(text)) {
        return NAMED.get(text);
      }
      try {
        List<Integer> sizes = List.of(text.split(",", -1)).stream().map(Integer::valueOf).toList();
        return new Shape(sizes.get(0), sizes.get(1), sizes.get(2), sizes.get(3), sizes.get(4));
      } catch (NumberFormatException | IndexOutOfBoundsException e) {
        throw new InvalidInputException(
            "--shape is '%s', must be 7b, 13b, or five numbers such as 512,1408,8,8,8"
                .formatted(text),
            e);
      }
    }
  }

  /** Writes one. */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new RandomCheckpoint())
            .setExecutionExceptionHandler(
                (failure, command, parsed) -> {
                  if (failure instanceof InvalidInputException) {
                    command.getErr().println(failure.getMessage());
                    return ExitCode.USAGE;
                  }
                  throw failure;
                })
            .execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    ModelConfig config = ModelConfig.of(keys(), Path.of("config.json"), "");
    ExtensionRegistry registry =
        ExtensionRegistry.onClassPath(RandomCheckpoint.class.getClassLoader());
    Choice<WeightQuantizer> choice =
        new RecipeReader(registry, RecipeLibrary.empty())
            .choose(WeightQuantizer.class, quantizer, Path.of(""));
    try (TorchServices services = new TorchServices();
        Checkpoint weights = Checkpoint.random(config, seed, Optional.empty())) {
      Quantization.Result result =
          new Quantization(weights, services)
              .write(output, WeightStorage.of(choice, registry.create(choice, services)));
      System.out.println(new ObjectMapper().writeValueAsString(summary(result)));
    }
    return ExitCode.OK;
  }

  private static Map<String, Object> summary(Quantization.Result result) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("output", result.output().toString());
    summary.put("quantized_weights", result.quantized());
    summary.put("bytes", result.bytes());
    return summary;
  }

  private Map<String, Object> keys() {
    Shape parsed = Shape.parse(shape);
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("architectures", List.of("LlamaForCausalLM"));
    keys.put("model_type", "llama");
    keys.put("hidden_size", parsed.hidden());
    keys.put("intermediate_size", parsed.intermediate());
    keys.put("num_hidden_layers", parsed.layers());
    keys.put("num_attention_heads", parsed.heads());
    keys.put("num_key_value_heads", parsed.keyValueHeads());
    keys.put("vocab_size", vocabulary);
    keys.put("max_position_embeddings", context);
    keys.put("rms_norm_eps", 1e-5);
    keys.put("rope_theta", 10000.0);
    keys.put("tie_word_embeddings", false);
    keys.put("hidden_act", "silu");
    keys.put("bos_token_id", 1);
    keys.put("eos_token_id", 2);
    keys.put("dtype", "bfloat16");
    return keys;
  }
}
