package org.longlora4j.plugin.datasets;

import com.google.inject.Binder;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.Plugin;

/** Offers document sources. */
public final class DatasetsPlugin implements Plugin {
  @Override
  public void configure(Binder binder) {
    new ExtensionBinder(binder)
        .bind(DocumentSource.class, "alpaca", Alpaca.class, Alpaca.Options.class)
        .bind(DocumentSource.class, "chat", Chats.class, Chats.Options.class)
        .bind(DocumentSource.class, "jsonl", JsonLines.class, JsonLines.Options.class)
        .bind(DocumentSource.class, "mix", Mix.class, Mix.Options.class)
        .bind(DocumentSource.class, "passkey", Passkeys.class, Passkeys.Options.class)
        .bind(DocumentSource.class, "pdf", PdfFiles.class, PdfFiles.Options.class)
        .bind(DocumentSource.class, "pg19", Pg19.class, Pg19.Options.class)
        .bind(DocumentSource.class, "proof-pile", ProofPile.class, ProofPile.Options.class)
        .bind(DocumentSource.class, "random-tokens", RandomTokens.class, RandomTokens.Options.class)
        .bind(DocumentSource.class, "redpajama", RedPajama.class, RedPajama.Options.class)
        .bind(DocumentSource.class, "repeats", Repeats.class, Repeats.Options.class)
        .bind(DocumentSource.class, "sources-jar", SourcesJar.class, SourcesJar.Options.class)
        .bind(DocumentSource.class, "token-bin", TokenFiles.class, TokenFiles.Options.class)
        .bind(DocumentSource.class, "token-rows", TokenRows.class, TokenRows.Options.class);
  }
}
