package org.longlora4j.api.plugin;

import static java.util.Objects.requireNonNull;

import com.google.inject.Binder;
import com.google.inject.TypeLiteral;
import com.google.inject.multibindings.Multibinder;

/** Binds names to implementations inside {@link Plugin#configure}. */
public final class ExtensionBinder {
  private final Multibinder<Extension<?>> extensions;

  /** Binds into the given module's binder. */
  public ExtensionBinder(Binder binder) {
    extensions =
        Multibinder.newSetBinder(
            requireNonNull(binder, "binder is null"), new TypeLiteral<Extension<?>>() {});
  }

  /**
   * Offers an implementation under a name.
   *
   * @param point the extension point's interface
   * @param name what a recipe says after {@code use:}
   * @param implementation a class whose constructor is annotated {@code @Inject}
   * @param options the record of the implementation's options, which that constructor may ask for;
   *     where no recipe says the name, as at adapter formats, there can be none
   * @param <T> the extension point
   * @return this
   */
  public <T> ExtensionBinder bind(
      Class<T> point,
      String name,
      Class<? extends T> implementation,
      Class<? extends Record> options) {
    extensions.addBinding().toInstance(new Extension<>(point, name, implementation, options));
    return this;
  }

  /**
   * Offers an implementation that takes no options.
   *
   * @param point the extension point's interface
   * @param name what a recipe says after {@code use:}
   * @param implementation a class whose constructor is annotated {@code @Inject}
   * @param <T> the extension point
   * @return this
   */
  public <T> ExtensionBinder bind(Class<T> point, String name, Class<? extends T> implementation) {
    return bind(point, name, implementation, NoOptions.class);
  }
}
