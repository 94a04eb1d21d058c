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
        .bind(DocumentSource.class, "mix", Mix.class, Mix.Options.class)
        .bind(DocumentSource.class, "passkey", Passkeys.class, Passkeys.Options.class)
        .bind(DocumentSource.class, "repeats", Repeats.class, Repeats.Options.class)
        .bind(DocumentSource.class, "sources-jar", SourcesJar.class, SourcesJar.Options.class)
        .bind(DocumentSource.class, "token-rows", TokenRows.class, TokenRows.Options.class);
  }
}
