package org.longlora4j.launcher.osgi;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.resource.Namespace;

/**
 * Which versions of the API a plugin was built for.
 *
 * @param packages the range by package of {@code org.longlora4j.api}, without that beginning
 */
public record ApiRange(Map<String, String> packages) {
  private static final String API = "org.longlora4j.api.";

  /** Of a plugin on a plain class path, or one whose manifest cannot be read. */
  public static final ApiRange UNKNOWN = new ApiRange(Map.of());

  /** Copies the map and sorts it. */
  public ApiRange {
    packages =
        Collections.unmodifiableMap(new TreeMap<>(requireNonNull(packages, "packages is null")));
  }

  static ApiRange of(Bundle bundle) {
    Map<String, String> ranges = new TreeMap<>();
    for (BundleRequirement requirement :
        bundle
            .adapt(BundleRevision.class)
            .getDeclaredRequirements(PackageNamespace.PACKAGE_NAMESPACE)) {
      String filter =
          requirement.getDirectives().getOrDefault(Namespace.REQUIREMENT_FILTER_DIRECTIVE, "");
      int name = filter.indexOf(API);
      if (name >= 0) {
        ranges.put(
            filter.substring(name + API.length(), filter.indexOf(')', name)),
            VersionFilter.range(filter).map(ApiRange::shortened).orElse("any"));
      }
    }
    return new ApiRange(ranges);
  }

  /** As an import says it: {@code [1.0,2.0)} for from 1.0.0 to below 2.0.0. */
  private static String shortened(VersionRange range) {
    return range.getRight() == null
        ? shortened(range.getLeft())
        : range.getLeftType()
            + shortened(range.getLeft())
            + ","
            + shortened(range.getRight())
            + range.getRightType();
  }

  private static String shortened(Version version) {
    return version.toString().replaceFirst("\\.0$", "");
  }

  /** The range that holds for all packages, or each range with its packages. */
  @Override
  public String toString() {
    Map<String, List<String>> byRange =
        packages.keySet().stream()
            .collect(Collectors.groupingBy(packages::get, TreeMap::new, Collectors.toList()));
    return byRange.size() == 1
        ? byRange.keySet().iterator().next()
        : byRange.entrySet().stream()
            .map(entry -> entry.getKey() + " " + String.join(", ", entry.getValue()))
            .collect(Collectors.joining("; "));
  }
}
