package org.longlora4j.launcher.command;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.Converter;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/**
 * What the launcher adds to the shell: its own commands, and names of bundles. Gogo finds its
 * public methods by name.
 */
public final class ShellFunctions implements BundleActivator {
  private static final String NAME = "longlora";

  private final Session session;
  private Optional<BundleContext> context = Optional.empty();

  ShellFunctions(Session session) {
    this.session = session;
  }

  @Override
  public void start(BundleContext started) {
    context = Optional.of(started);
    Map<String, Object> properties =
        Map.of(
            CommandProcessor.COMMAND_SCOPE,
            NAME,
            CommandProcessor.COMMAND_FUNCTION,
            new String[] {NAME});
    started.registerService(ShellFunctions.class, this, FrameworkUtil.asDictionary(properties));
    started.registerService(
        Converter.class,
        new BundleArgument(started),
        FrameworkUtil.asDictionary(Map.of(Converter.CONVERTER_CLASSES, Bundle.class.getName())));
  }

  @Override
  public void stop(BundleContext stopped) {
    context = Optional.empty();
  }

  CommandProcessor processor() {
    BundleContext running = context.orElseThrow();
    return running.getService(running.getServiceReference(CommandProcessor.class));
  }

  /**
   * Runs a command of the launcher with the plugins that are there now.
   *
   * @param arguments as on the command line
   * @throws IllegalStateException if it fails; what was wrong is said already
   */
  public void longlora(Object[] arguments) {
    session.rescan();
    String[] texts = Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new);
    int exitCode = LongLora.runWithin(session, texts);
    if (exitCode != 0) {
      throw new IllegalStateException(
          "longlora %s ended with %d".formatted(String.join(" ", texts), exitCode));
    }
  }
}
