package ${package};

import com.google.inject.Binder;
import org.longlora4j.api.adapter.AdapterFormat;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.Plugin;

/** Offers {@code ${artifactId}}. */
public final class ExamplePlugin implements Plugin {
  @Override
  public void configure(Binder binder) {
    new ExtensionBinder(binder)
        .bind(AdapterStrategy.class, "${artifactId}", OutputScaling.class, OutputScaling.Options.class)
        .bind(AdapterFormat.class, "${artifactId}", OutputScalingFormat.class);
  }
}
