package org.longlora4j.launcher.command;

import java.nio.file.Path;
import java.util.Optional;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.core.checkpoint.WeightStorage;
import org.longlora4j.core.plugin.Choice;
import org.longlora4j.core.recipe.RecipeReader;
import picocli.CommandLine.Option;

/** The mixin of commands that write quantized weights. */
final class QuantizerOptions {
  @Option(
      names = "--block-size",
      paramLabel = "N",
      description = "How many neighbouring elements share one scale, for nf4 and fp4. Default: 64.")
  private Optional<Integer> blockSize = Optional.empty();

  @Option(
      names = "--no-double-quantization",
      description = "Keep the scales of nf4 and fp4 in 32 bits each, not in 8.")
  private boolean noDoubleQuantization;

  /** Whether any of them was given. */
  boolean given() {
    return blockSize.isPresent() || noDoubleQuantization;
  }

  /** The storage of a quantizer with these options. */
  WeightStorage.Quantized storage(String method, Session session) {
    StringBuilder section = new StringBuilder("{use: '" + method.replace("'", "''") + "'");
    blockSize.ifPresent(size -> section.append(", block-size: ").append(size));
    section.append(noDoubleQuantization ? ", double-quantization: false}" : "}");
    Choice<WeightQuantizer> choice =
        new RecipeReader(session.extensions(), session.recipes())
            .choose(WeightQuantizer.class, section.toString(), Path.of("").toAbsolutePath());
    return WeightStorage.of(choice, session.extensions().create(choice, session.engine()));
  }
}
