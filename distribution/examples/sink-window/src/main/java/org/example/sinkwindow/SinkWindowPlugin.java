package org.example.sinkwindow;

import com.google.inject.Binder;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.Plugin;

/** Offers {@code sink-window}. */
public final class SinkWindowPlugin implements Plugin {
  @Override
  public void configure(Binder binder) {
    new ExtensionBinder(binder)
        .bind(
            AttentionPattern.class,
            "sink-window",
            SinkWindowAttention.class,
            SinkWindowAttention.Options.class);
  }
}
