package org.longlora4j.launcher.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.checkpoint.Merge;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.evaluate.Perplexity;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.RecipeReader;
import org.longlora4j.core.recipe.StudyEvaluation.Passkeys;
import org.longlora4j.core.report.Measurements;
import org.longlora4j.core.report.Report;
import org.longlora4j.core.study.ModelMeasurement;
import org.longlora4j.core.train.PreparedRun;
import org.longlora4j.core.train.Trainer;
import org.longlora4j.launcher.progress.ProgressListener;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows context extension at work on the model that comes with the distribution. */
@Command(
    name = "quickstart",
    description = {
      "Extends the pocket model, which comes with the distribution, from 512 to 4096 tokens, and"
          + " measures it before and after.",
      "Takes five to eight minutes on two cores, downloads nothing, and writes all it makes under"
          + " longlora-quickstart in the current folder."
    })
final class QuickstartCommand implements Callable<Integer> {
  private static final List<Double> DEPTHS = List.of(0.0, 0.25, 0.5, 0.75, 1.0);
  private static final long PERPLEXITY_TOKENS = 32768;

  private final Session session;
  @Mixin private ResultFormat format;

  @Option(
      names = "--output",
      defaultValue = "longlora-quickstart",
      paramLabel = "DIR",
      description = "Where to write; must not exist. Default: ${DEFAULT-VALUE}.")
  private Path output;

  @Option(
      names = "--lengths",
      split = ",",
      defaultValue = "512,1024,2048,4096",
      paramLabel = "N",
      description = "Lengths to measure at, in tokens. Default: ${DEFAULT-VALUE}.")
  private List<Integer> lengths;

  @Option(
      names = "--trials",
      defaultValue = "4",
      paramLabel = "N",
      description =
          "Passkeys to look for at each length and each of five depths; 0 for none. Default:"
              + " ${DEFAULT-VALUE}.")
  private int trials;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Set a key above recipes/quickstart.yaml, such as training.steps=20.")
  private List<String> overrides = List.of();

  QuickstartCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    long start = System.nanoTime();
    Path home = home();
    Path target = output.toAbsolutePath();
    if (Files.exists(target)) {
      throw new InvalidInputException(
          target + " exists already. Remove it, or name another place by --output.");
    }
    Path run = target.resolve("run");
    Recipe recipe =
        new RecipeReader(session.extensions(), session.recipes())
            .read(home.resolve("recipes/quickstart.yaml"), settings(run));
    Path model = recipe.model().path().orElseThrow();

    say("1/4  Measuring the base, " + model + ".");
    Measurements before = measure(model, Optional.empty(), home);
    say("2/4  Extending it to " + recipe.context() + " tokens by LongLoRA.");
    Trainer.Result trained = train(recipe);
    if (!trained.completed()) {
      say("Stopped. Remove " + target + " to begin again.");
      return ExitCode.SOFTWARE;
    }
    say("3/4  Measuring it again.");
    Measurements after = measure(model, Optional.of(run), home);
    say("4/4  Merging, and writing the report.");
    Path merged = merge(model, run, target.resolve("model"));
    before.write(run, Measurements.Model.BEFORE);
    after.write(run, Measurements.Model.AFTER);
    Path report = target.resolve(Report.FILE);
    Files.copy(new Report().write(run), report);
    session
        .output()
        .print(
            format,
            new QuickstartSummary(
                QuickstartSummary.ByLength.of(before, after),
                (System.nanoTime() - start) / 1e9,
                trained.peakMemoryBytes(),
                report,
                run,
                merged));
    return ExitCode.OK;
  }

  private List<String> settings(Path run) {
    List<String> settings = new ArrayList<>(overrides);
    settings.add("output=" + run);
    return settings;
  }

  private Path home() {
    return session
        .environment()
        .home()
        .filter(home -> Files.isDirectory(home.resolve("models/pocket")))
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "quickstart needs the pocket model of an unpacked distribution. Run bin/longlora"
                        + " of one."));
  }

  private void say(String text) {
    session.environment().err().println(text);
  }

  private Trainer.Result train(Recipe recipe) {
    Environment environment = session.environment();
    try (StopSignal stop = new StopSignal(session.environment().err());
        PreparedRun run = PreparedRun.of(recipe, session.extensions(), session.engine())) {
      return new Trainer(session.engine())
          .train(
              run,
              false,
              List.of(new ProgressListener(environment.err(), environment.terminal())),
              stop::isRequested);
    }
  }

  private Measurements measure(Path model, Optional<Path> adapter, Path home) {
    ExtensionRegistry extensions = session.extensions();
    DocumentSource heldOut =
        extensions.create(
            new RecipeReader(extensions, session.recipes())
                .choose(
                    DocumentSource.class,
                    "{ use: sources-jar, path: corpus/held-out/*.jar, shuffle: false }",
                    home),
            session.engine());
    ModelMeasurement measurement =
        new ModelMeasurement(
            heldOut,
            lengths.stream()
                .map(
                    length ->
                        Perplexity.Settings.disjoint(length, OptionalLong.of(PERPLEXITY_TOKENS)))
                .toList(),
            Optional.of(new Passkeys(lengths, DEPTHS, trials)).filter(wanted -> trials > 0));
    try (AdaptedCheckpoint checkpoint =
            AdaptedCheckpoint.open(model, adapter, extensions, session.engine());
        Tokenizer tokenizer = session.requireTokenizer(model);
        CausalLanguageModel loaded = checkpoint.load(Precision.FLOAT32)) {
      return measurement.of(loaded, Optional.of(tokenizer), session.engine());
    }
  }

  private Path merge(Path model, Path run, Path merged) throws IOException {
    try (AdaptedCheckpoint source =
        AdaptedCheckpoint.open(model, Optional.of(run), session.extensions(), session.engine())) {
      return new Merge(source, session.engine()).write(merged).output();
    }
  }
}
