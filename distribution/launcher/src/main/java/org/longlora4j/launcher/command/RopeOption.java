package org.longlora4j.launcher.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryScaling;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.plugin.ProblemList;
import org.longlora4j.core.recipe.RecipeReader;
import picocli.CommandLine.Option;

/** The mixin of commands that can try a scaling of the rotary embedding without training. */
final class RopeOption {
  private static final String NAME = "--rope";
  private static final Pattern SHORT =
      Pattern.compile("([^:{}\\s]+)(?::\\s*(.+))?", Pattern.DOTALL);

  @Option(
      names = NAME,
      paramLabel = "SCALING",
      description =
          "Try a positional scaling without training: a name, such as linear, with a factor, such as"
              + " linear:8, or with options as a recipe has them, such as 'linear:{factor: 8}'."
              + " Without a factor, the longest length asked for decides it. Default: the model's"
              + " own.")
  private Optional<String> rope = Optional.empty();

  /**
   * The config.json of the model as it is tried.
   *
   * @param session knows the extensions
   * @param own the model's
   * @param lengths those asked for in tokens; empty for the model's own context
   * @throws InvalidInputException if the scaling is unknown or does not fit the model
   */
  ModelConfig tried(Session session, ModelConfig own, List<Integer> lengths) {
    return rope.map(text -> scaled(session, own, lengths, text)).orElse(own);
  }

  private static ModelConfig scaled(
      Session session, ModelConfig own, List<Integer> lengths, String text) {
    RecipeReader reader = new RecipeReader(session.extensions(), session.recipes());
    PositionalScaling scaling =
        session
            .extensions()
            .create(
                reader.choose(PositionalScaling.class, section(text), Path.of("")),
                session.engine());
    RotaryEmbedding embedding = own.rotary();
    int longest = lengths.stream().mapToInt(Integer::intValue).max().orElse(own.maxPositions());
    ProblemList problems = new ProblemList();
    scaling.check(embedding, longest, problems.in(NAME, ""));
    problems.throwIfAny();
    RotaryScaling result = scaling.scale(embedding, longest);
    return own.extended(result, context(result, embedding, own));
  }

  /** How long a context the factor makes of the original one. */
  private static int context(RotaryScaling scaling, RotaryEmbedding embedding, ModelConfig own) {
    return scaling.parameters().get("factor") instanceof Number factor
        ? (int) Math.min(Integer.MAX_VALUE, embedding.originalLength() * factor.doubleValue())
        : own.maxPositions();
  }

  /** The section of a recipe that says the same. */
  static String section(String text) {
    Matcher matcher = SHORT.matcher(text.strip());
    if (text.strip().startsWith("{")) {
      return text;
    }
    if (!matcher.matches()) {
      throw new InvalidInputException(
          "%s is '%s', must be a name, NAME:FACTOR or NAME:{…}".formatted(NAME, text));
    }
    String name = matcher.group(1);
    return Optional.ofNullable(matcher.group(2))
        .map(String::strip)
        .map(
            rest ->
                rest.startsWith("{")
                    ? "{use: %s, %s".formatted(name, rest.substring(1))
                    : "{use: %s, factor: %s}".formatted(name, rest))
        .orElse(name);
  }
}
