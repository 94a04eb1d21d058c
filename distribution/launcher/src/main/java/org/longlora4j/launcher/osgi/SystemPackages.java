package org.longlora4j.launcher.osgi;

import ai.djl.ndarray.NDArray;
import com.google.inject.Module;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.aopalliance.intercept.MethodInterceptor;
import org.longlora4j.api.plugin.Plugin;
import org.osgi.framework.Version;
import org.slf4j.Logger;

/**
 * What the launcher's class path offers to bundles, in the words of an {@code Export-Package}
 * header.
 *
 * <p>Versions are those of the jars themselves, so that a bundle built against another one is
 * refused before any of its classes is loaded.
 */
final class SystemPackages {
  private static final String EXPORT_PACKAGE = "Export-Package";

  private SystemPackages() {}

  static String header() throws IOException {
    return Stream.concat(exportedByManifest().stream(), exportedByScan().stream())
        .collect(Collectors.joining(","));
  }

  private static List<String> exportedByManifest() throws IOException {
    return List.of(
        ClassPathEntry.of(Plugin.class).attribute(EXPORT_PACKAGE),
        ClassPathEntry.of(Module.class).attribute(EXPORT_PACKAGE),
        ClassPathEntry.of(Inject.class).attribute(EXPORT_PACKAGE),
        ClassPathEntry.of(Logger.class).attribute(EXPORT_PACKAGE));
  }

  /** DJL's jars are no bundles, and AOP Alliance's is older than versioned packages. */
  private static List<String> exportedByScan() throws IOException {
    ClassPathEntry djl = ClassPathEntry.of(NDArray.class);
    Version version = Version.parseVersion(djl.attribute("Specification-Version"));
    return Stream.concat(
            djl.packages().stream().map(name -> name + ";version=\"" + version + '"'),
            Stream.of(MethodInterceptor.class.getPackageName()))
        .toList();
  }
}
