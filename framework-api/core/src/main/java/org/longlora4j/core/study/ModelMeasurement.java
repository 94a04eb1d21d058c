package org.longlora4j.core.study;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.evaluate.GreedyContinuation;
import org.longlora4j.core.evaluate.Passkey;
import org.longlora4j.core.evaluate.Perplexity;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.recipe.StudyEvaluation.Passkeys;
import org.longlora4j.core.report.Measurements;
import org.longlora4j.core.tensor.TorchServices;

/**
 * Perplexity and passkeys of a loaded model at several lengths, always with dense attention, so
 * that models can be compared.
 *
 * @param documents what perplexity is measured on
 * @param perplexity how, length by length
 * @param passkeys how keys are looked for; not at all if empty
 */
public record ModelMeasurement(
    DocumentSource documents, List<Perplexity.Settings> perplexity, Optional<Passkeys> passkeys) {
  /** Requires all parts. */
  public ModelMeasurement {
    requireNonNull(documents, "documents is null");
    perplexity = List.copyOf(perplexity);
    requireNonNull(passkeys, "passkeys is null");
  }

  /**
   * Measures a model.
   *
   * @param model loaded; the caller closes it
   * @param tokenizer the model's, which texts and passkeys need
   * @param services the engine
   * @throws InvalidInputException if the data does not fill a window, or there is no tokenizer to
   *     look for passkeys with
   */
  public Measurements of(
      CausalLanguageModel model, Optional<Tokenizer> tokenizer, TorchServices services) {
    Perplexity measure = new Perplexity(model, services);
    List<Measurements.Perplexity> byLength =
        perplexity.stream()
            .map(settings -> measure.measure(documents, tokenizer, settings))
            .map(r -> new Measurements.Perplexity(r.settings().length(), r.perplexity()))
            .toList();
    return new Measurements(
        byLength,
        passkeys.map(wanted -> found(wanted, model, tokenizer, services)).orElse(List.of()));
  }

  private static List<Measurements.Passkey> found(
      Passkeys wanted,
      CausalLanguageModel model,
      Optional<Tokenizer> tokenizer,
      TorchServices services) {
    Tokenizer known =
        tokenizer.orElseThrow(
            () ->
                new InvalidInputException(
                    "The model has no tokenizer.json, which passkeys need. Remove passkey from the"
                        + " evaluation."));
    try (GreedyContinuation continuation =
        new GreedyContinuation(model, services, known.stopTokens())) {
      return new Passkey(known, continuation)
          .measure(wanted.lengths(), wanted.depths(), wanted.trials(), 0).stream()
              .map(
                  r ->
                      new Measurements.Passkey(
                          r.length(), r.depth().getAsDouble(), r.accuracy(), r.trials()))
              .toList();
    }
  }
}
