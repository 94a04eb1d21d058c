package org.longlora4j.launcher.osgi;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/**
 * Why a jar of the plugin directory takes no part in the session.
 *
 * @param name the bundle's symbolic name, or the file's name where there is none
 * @param version the bundle's version, or empty where there is none
 * @param jar the file
 * @param api the versions of the API that it was built for
 * @param message what is wrong and the mend
 */
public record PluginProblem(String name, String version, Path jar, ApiRange api, String message) {
  /** Requires all parts. */
  public PluginProblem {
    requireNonNull(name, "name is null");
    requireNonNull(version, "version is null");
    requireNonNull(jar, "jar is null");
    requireNonNull(api, "api is null");
    requireNonNull(message, "message is null");
  }

  /** Name, version and jar, or the jar alone where it does not say who it is. */
  public String description() {
    return version.isEmpty() ? jar.toString() : "%s %s (%s)".formatted(name, version, jar);
  }
}
