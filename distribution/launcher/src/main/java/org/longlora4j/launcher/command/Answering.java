package org.longlora4j.launcher.command;

import java.io.IOException;
import java.util.List;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.evaluate.GreedyContinuation;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.ModelConfig;

/** A loaded model that is asked, as tests of retrieval ask one. */
@FunctionalInterface
interface Answering<T> {
  /**
   * Asks.
   *
   * @param tokenizer the model's
   * @param config the model's, with the scaling that is tried
   * @param continuation tells what the model says
   */
  T ask(Tokenizer tokenizer, ModelConfig config, GreedyContinuation continuation)
      throws IOException;

  /**
   * Loads the model that options name, and closes it when it was asked.
   *
   * @param lengths that it will read, for a scaling whose factor follows from them
   */
  static <T> T by(
      Session session,
      ModelOptions model,
      RopeOption rope,
      ModelOptions.PrecisionOption precision,
      List<Integer> lengths,
      Answering<T> questions)
      throws IOException {
    try (AdaptedCheckpoint checkpoint = model.open(session);
        Tokenizer tokenizer = session.requireTokenizer(model.tokenizer())) {
      ModelConfig config = rope.tried(session, checkpoint.config(), lengths);
      try (CausalLanguageModel loaded = checkpoint.load(precision.precision(), config.rotary());
          GreedyContinuation continuation =
              new GreedyContinuation(loaded, session.engine(), tokenizer.stopTokens())) {
        return questions.ask(tokenizer, config, continuation);
      }
    }
  }
}
