package org.longlora4j.plugin.s2attn;

import com.google.inject.Binder;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.Plugin;

/** Offers {@code s2-attn}, {@code local}, {@code dilated} and {@code strided} attention. */
public final class ShiftedSparseAttentionPlugin implements Plugin {
  @Override
  public void configure(Binder binder) {
    new ExtensionBinder(binder)
        .bind(
            AttentionPattern.class,
            "s2-attn",
            ShiftedSparseAttention.class,
            ShiftedSparseAttention.Options.class)
        .bind(AttentionPattern.class, "local", LocalAttention.class, GroupOptions.class)
        .bind(AttentionPattern.class, "dilated", DilatedAttention.class, GroupOptions.class)
        .bind(AttentionPattern.class, "strided", StridedAttention.class, GroupOptions.class);
  }
}
