package org.longlora4j.plugin.position;

import com.google.inject.Binder;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.api.position.PositionalScaling;

/** Offers {@code linear} Position Interpolation. */
public final class PositionInterpolationPlugin implements Plugin {
  @Override
  public void configure(Binder binder) {
    new ExtensionBinder(binder)
        .bind(
            PositionalScaling.class,
            "linear",
            LinearInterpolation.class,
            LinearInterpolation.Options.class);
  }
}
