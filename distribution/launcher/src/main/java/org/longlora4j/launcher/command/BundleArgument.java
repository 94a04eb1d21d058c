package org.longlora4j.launcher.command;

import java.util.stream.Stream;
import org.apache.felix.service.command.Converter;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Takes the number or the symbolic name of a bundle for the bundle, in commands of the shell. */
final class BundleArgument implements Converter {
  private final BundleContext context;

  BundleArgument(BundleContext context) {
    this.context = context;
  }

  /** Gogo asks all its converters in turn; one that has nothing to say answers with null. */
  @Override
  public Object convert(Class<?> wanted, Object argument) {
    if (wanted != Bundle.class || argument instanceof Bundle) {
      return null;
    }
    String text = argument.toString();
    return Stream.of(context.getBundles())
        .filter(
            bundle ->
                text.equals(Long.toString(bundle.getBundleId()))
                    || text.equals(bundle.getSymbolicName()))
        .findFirst()
        .orElse(null);
  }

  @Override
  public CharSequence format(Object target, int level, Converter escape) {
    return null;
  }
}
