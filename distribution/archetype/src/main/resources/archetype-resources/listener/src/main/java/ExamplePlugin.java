package ${package};

import com.google.inject.Binder;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.Plugin;

/** Offers {@code ${artifactId}}. */
public final class ExamplePlugin implements Plugin {
  @Override
  public void configure(Binder binder) {
    new ExtensionBinder(binder)
        .bind(TrainingListener.class, "${artifactId}", LossTable.class, LossTable.Options.class);
  }
}
