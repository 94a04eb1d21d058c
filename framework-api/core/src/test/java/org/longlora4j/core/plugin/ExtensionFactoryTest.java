package org.longlora4j.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.Binder;
import com.google.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.plugin.Chosen;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.ExtensionFactory;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.plugin.NoOptions;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.core.recipe.RecipeLibrary;
import org.longlora4j.core.recipe.RecipeReader;

class ExtensionFactoryTest {
  private final ExtensionRegistry registry =
      new ExtensionRegistry(
          List.of(
              new LoadedPlugin(new Outer(), "outer", "1.0", "outer.jar"),
              new LoadedPlugin(new Inner(), "inner", "1.0", "inner.jar")));

  /** Offers a source that holds another. */
  private static final class Outer implements Plugin {
    @Override
    public void configure(Binder binder) {
      new ExtensionBinder(binder)
          .bind(DocumentSource.class, "holder", Holder.class, HolderOptions.class);
    }
  }

  /** Another plugin's source. */
  private static final class Inner implements Plugin {
    @Override
    public void configure(Binder binder) {
      new ExtensionBinder(binder)
          .bind(DocumentSource.class, "held", Held.class)
          .bind(DocumentSource.class, "refusing", Refusing.class)
          .bind(DocumentSource.class, "broken", Broken.class)
          .bind(DocumentSource.class, "demanding", Demanding.class);
    }
  }

  record HolderOptions(@Option("What is held") Chosen<DocumentSource> source) {}

  record Holder(DocumentSource held, ExtensionFactory factory) implements DocumentSource {
    @Inject
    Holder(ExtensionFactory factory, HolderOptions options) {
      this(factory.create(options.source()), factory);
    }

    @Override
    public DocumentStream open(int epoch, long seed) {
      return held.open(epoch, seed);
    }
  }

  record Held(NoOptions options, StringBuilder service) implements DocumentSource {
    @Inject
    Held {}

    @Override
    public DocumentStream open(int epoch, long seed) {
      throw new UnsupportedOperationException();
    }
  }

  static final class Refusing implements DocumentSource {
    @Inject
    Refusing() {
      throw new InvalidInputException("corpus.txt does not exist. Name another.");
    }

    @Override
    public DocumentStream open(int epoch, long seed) {
      throw new UnsupportedOperationException();
    }
  }

  static final class Broken implements DocumentSource {
    @Inject
    Broken() {
      throw new ArithmeticException("/ by zero");
    }

    @Override
    public DocumentStream open(int epoch, long seed) {
      throw new UnsupportedOperationException();
    }
  }

  record Demanding(Runnable service) implements DocumentSource {
    @Inject
    Demanding {}

    @Override
    public DocumentStream open(int epoch, long seed) {
      throw new UnsupportedOperationException();
    }
  }

  private Holder create(String section, StringBuilder service) {
    Choice<DocumentSource> choice =
        new RecipeReader(registry, RecipeLibrary.empty())
            .choose(DocumentSource.class, section, Path.of(""));
    return (Holder)
        registry.create(choice, binder -> binder.bind(StringBuilder.class).toInstance(service));
  }

  @Test
  void anExtensionBuildsThoseOfOtherPluginsWithItsOwnServices() {
    StringBuilder service = new StringBuilder();
    Holder holder = create("{use: holder, source: {use: holder, source: held}}", service);

    assertThat(holder.held())
        .isInstanceOfSatisfying(
            Holder.class,
            inner ->
                assertThat(inner.held())
                    .isInstanceOfSatisfying(
                        Held.class, held -> assertThat(held.service()).isSameAs(service)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{use: holder, source: refusing}",
        "{use: holder, source: {use: holder, source: refusing}}"
      })
  void whatAConstructorRefusesIsToldInItsWords(String section) {
    assertThatThrownBy(() -> create(section, new StringBuilder()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("corpus.txt does not exist. Name another.");
  }

  @Test
  void aConstructorThatFailsIsNamedWithItsPluginAndJar() {
    assertThatThrownBy(() -> create("{use: holder, source: broken}", new StringBuilder()))
        .isInstanceOf(PluginFailedException.class)
        .hasMessageContaining(
            "The document source 'broken' of the plugin inner 1.0 (inner.jar) cannot be built:"
                + " java.lang.ArithmeticException: / by zero")
        .hasRootCauseInstanceOf(ArithmeticException.class);
  }

  @Test
  void aConstructorThatAsksForWhatIsNotOfferedIsNamedToo() {
    assertThatThrownBy(() -> create("{use: holder, source: demanding}", new StringBuilder()))
        .isInstanceOf(PluginFailedException.class)
        .hasMessageContaining("The document source 'demanding' of the plugin inner 1.0 (inner.jar)")
        .hasMessageContaining("Runnable");
  }

  @Test
  void whatNoRecipeChoseIsRefused() {
    ExtensionFactory factory = create("{use: holder, source: held}", new StringBuilder()).factory();
    Chosen<DocumentSource> foreign = () -> "foreign";

    assertThatThrownBy(() -> factory.create(foreign))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("foreign was not chosen by a recipe");
  }
}
