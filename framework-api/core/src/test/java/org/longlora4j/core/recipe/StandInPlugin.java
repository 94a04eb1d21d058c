package org.longlora4j.core.recipe;

import com.google.inject.Binder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.Chosen;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.NoOptions;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.train.Optimizer;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.LoadedPlugin;

/** Names and options like those of the real plugins. Nothing here is ever built. */
final class StandInPlugin implements Plugin {
  private final ExtensionRegistry builtIns = new ExtensionRegistry(List.of());

  static ExtensionRegistry registry() {
    return new ExtensionRegistry(
        List.of(
            new LoadedPlugin(new StandInPlugin(), "stand-in", "1.0", "/opt/plugins/stand-in.jar")));
  }

  @Override
  public void configure(Binder binder) {
    ExtensionBinder extensions = new ExtensionBinder(binder);
    bind(extensions, AttentionPattern.class, "dense", NoOptions.class);
    bind(extensions, AttentionPattern.class, "s2-attn", SparseOptions.class);
    bind(extensions, AdapterStrategy.class, "full", NoOptions.class);
    bind(extensions, AdapterStrategy.class, "lora", LoraOptions.class);
    bind(extensions, AdapterStrategy.class, "lora-plus", LoraOptions.class);
    bind(extensions, PositionalScaling.class, "none", NoOptions.class);
    bind(extensions, PositionalScaling.class, "linear", FactorOptions.class);
    bind(extensions, PositionalScaling.class, "yarn", FactorOptions.class);
    bind(extensions, WeightQuantizer.class, "none", NoOptions.class);
    bind(extensions, WeightQuantizer.class, "nf4", FourBitOptions.class);
    bind(extensions, DocumentSource.class, "documents", DocumentOptions.class);
    bind(extensions, DocumentSource.class, "text", DocumentOptions.class);
    bind(extensions, DocumentSource.class, "token-rows", RowOptions.class);
    bind(extensions, DocumentSource.class, "blend", BlendOptions.class);
    bind(extensions, Optimizer.class, "adamw", AdamOptions.class);
    bind(extensions, TrainingListener.class, "every-type", EveryType.class);
  }

  private <T> void bind(
      ExtensionBinder extensions, Class<T> point, String name, Class<? extends Record> options) {
    if (builtIns.find(point, name).isEmpty()) {
      extensions.bind(point, name, point, options);
    }
  }

  enum Variant {
    SEGMENTED,
    ACROSS_LAYERS,
    ROLLED
  }

  record SparseOptions(
      @Option(value = "Group over context", defaultValue = "0.25", min = 0, max = 1)
          double groupRatio,
      @Option(value = "Group in tokens", min = 1) OptionalInt groupSize,
      @Option(value = "How heads shift", defaultValue = "segmented") Variant variant) {
    SparseOptions {
      if (groupSize.isPresent() && groupRatio != 0.25) {
        throw new IllegalArgumentException("give group-ratio or group-size, not both");
      }
    }
  }

  record LoraOptions(
      @Option(value = "Rank", defaultValue = "8", min = 1) int rank,
      @Option(value = "Alpha", defaultValue = "16") double alpha,
      @Option(value = "Targets", defaultValue = "[q_proj, v_proj]") List<String> targets) {}

  record FactorOptions(@Option(value = "Factor", min = 1) OptionalDouble factor) {}

  record FourBitOptions(
      @Option(value = "Quantize the scales", defaultValue = "false") boolean doubleQuantization) {}

  record DocumentOptions(@Option("Files") List<FilePattern> path) {}

  record RowOptions(@Option("File") Path path, @Option("Tensor") String tensor) {}

  record Part(
      @Option("Source") Chosen<DocumentSource> source,
      @Option(value = "Weight", defaultValue = "1", min = 0) double weight) {}

  record BlendOptions(
      @Option("Parts") List<Part> sources, @Option("Rest") Optional<Chosen<DocumentSource>> rest) {}

  record AdamOptions(
      @Option(value = "Decay rates", defaultValue = "[0.9, 0.999]") List<Double> betas,
      @Option(value = "Epsilon", defaultValue = "1e-8") double eps,
      @Option(value = "Decay", defaultValue = "0") double weightDecay) {}

  record Inner(
      @Option("Words") List<String> words,
      @Option(value = "Level", defaultValue = "3") int level) {}

  record EveryType(
      @Option("int") int whole,
      @Option(value = "long", defaultValue = "5000000000") long wide,
      @Option(value = "double", defaultValue = "1e-8") double real,
      @Option(value = "boolean", defaultValue = "true") boolean truth,
      @Option(value = "String", defaultValue = "\"1e-8\"") String text,
      @Option("Path") Optional<Path> path,
      @Option("FilePattern") Optional<FilePattern> files,
      @Option(value = "enum", defaultValue = "across-layers") Variant variant,
      @Option("record") Optional<Inner> inner,
      @Option(value = "List", defaultValue = "7") List<Integer> numbers,
      @Option("records") Optional<List<Inner>> inners,
      @Option("OptionalInt") OptionalInt maybeWhole,
      @Option("OptionalDouble") OptionalDouble maybeReal,
      @Option("Optional<Integer>") Optional<Integer> boxedWhole,
      @Option("Optional<Double>") Optional<Double> boxedReal) {}
}
