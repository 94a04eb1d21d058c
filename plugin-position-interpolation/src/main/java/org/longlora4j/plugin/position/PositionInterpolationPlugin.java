package org.longlora4j.plugin.position;

import com.google.inject.Binder;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.api.position.PositionalScaling;

/**
 * Offers the positional scalings {@code linear}, {@code ntk}, {@code dynamic}, {@code yarn}, {@code
 * llama3} and {@code longrope}.
 */
public final class PositionInterpolationPlugin implements Plugin {
  @Override
  public void configure(Binder binder) {
    new ExtensionBinder(binder)
        .bind(
            PositionalScaling.class,
            "linear",
            LinearInterpolation.class,
            LinearInterpolation.Options.class)
        .bind(
            PositionalScaling.class,
            "ntk",
            NtkAwareInterpolation.class,
            NtkAwareInterpolation.Options.class)
        .bind(PositionalScaling.class, "dynamic", DynamicNtk.class, DynamicNtk.Options.class)
        .bind(PositionalScaling.class, "yarn", Yarn.class, Yarn.Options.class)
        .bind(
            PositionalScaling.class,
            "llama3",
            Llama3Interpolation.class,
            Llama3Interpolation.Options.class)
        .bind(PositionalScaling.class, "longrope", LongRope.class, LongRope.Options.class);
  }
}
