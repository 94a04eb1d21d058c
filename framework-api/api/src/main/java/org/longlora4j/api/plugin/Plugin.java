package org.longlora4j.api.plugin;

import com.google.inject.Module;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The door through which a jar adds to the framework.
 *
 * <p>A plugin is a Guice module that binds names to implementations with an {@link
 * ExtensionBinder}. It is found by {@link java.util.ServiceLoader}, so the jar lists the class in
 * {@code META-INF/services/org.longlora4j.api.plugin.Plugin}. The same jar works on a plain class
 * path and as an OSGi bundle.
 *
 * <pre>{@code
 * public final class ShiftedSparseAttentionPlugin implements Plugin {
 *   @Override
 *   public void configure(Binder binder) {
 *     new ExtensionBinder(binder)
 *         .bind(AttentionPattern.class, "s2-attn", ShiftedSparseAttention.class, Options.class);
 *   }
 * }
 * }</pre>
 *
 * <p>{@code configure} must be fast and free of side effects: it runs at every start, also when no
 * recipe uses the plugin. It must not touch DJL's engine.
 */
@ConsumerType
public interface Plugin extends Module {}
