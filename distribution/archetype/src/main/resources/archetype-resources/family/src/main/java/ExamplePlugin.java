package ${package};

import com.google.inject.Binder;
import org.longlora4j.api.model.ModelFamily;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.Plugin;

/** Reads checkpoints whose {@code model_type} is {@code ${artifactId}}. */
public final class ExamplePlugin implements Plugin {
  @Override
  public void configure(Binder binder) {
    // The model_type of config.json, with hyphens where that has underscores.
    new ExtensionBinder(binder).bind(ModelFamily.class, "${artifactId}", ParallelFamily.class);
  }
}
