package org.longlora4j.launcher.osgi;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.resource.Namespace;

/**
 * Says in plain words why bundles do not resolve.
 *
 * <p>The framework's own message is a filter in LDAP syntax, which tells what a bundle wants but
 * not what is here.
 */
final class Resolution {
  private static final Pattern PACKAGE = Pattern.compile("\\(osgi\\.wiring\\.package=([^)]+)\\)");
  private static final Pattern JAVA = Pattern.compile("osgi\\.ee=JavaSE\\).*\\(version=([^)]+)\\)");
  private static final Pattern FLOOR = Pattern.compile("\\(version>=([^)]+)\\)");
  private static final Pattern EXCLUSIVE_CEILING = Pattern.compile("\\(!\\(version>=([^)]+)\\)\\)");
  private static final Pattern INCLUSIVE_CEILING = Pattern.compile("\\(version<=([^)]+)\\)");

  private final List<Bundle> installed;

  /**
   * A resolution among bundles.
   *
   * @param installed all bundles of the framework, the system bundle included
   */
  Resolution(List<Bundle> installed) {
    this.installed = List.copyOf(installed);
  }

  /** Why a bundle could not be resolved or started. */
  String explain(Bundle bundle, BundleException failure) {
    List<String> missing = missing(bundle);
    if (!missing.isEmpty()) {
      return String.join("; ", missing)
          + ". Use a build of the plugin for this version of LongLoRA4J";
    }
    return failure.getCause() == null
        ? failure.getMessage()
        : "it cannot be started: " + failure.getCause();
  }

  private List<String> missing(Bundle bundle) {
    List<String> missing = new ArrayList<>();
    for (BundleRequirement requirement :
        bundle.adapt(BundleRevision.class).getDeclaredRequirements(null)) {
      String filter = requirement.getDirectives().get(Namespace.REQUIREMENT_FILTER_DIRECTIVE);
      if (filter != null && !isOptional(requirement) && !isOffered(requirement, filter)) {
        missing.add(describe(requirement.getNamespace(), filter));
      }
    }
    return missing;
  }

  private static boolean isOptional(BundleRequirement requirement) {
    String resolution = requirement.getDirectives().get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE);
    return Namespace.RESOLUTION_OPTIONAL.equals(resolution)
        || PackageNamespace.RESOLUTION_DYNAMIC.equals(resolution);
  }

  private boolean isOffered(BundleRequirement requirement, String filter) {
    Filter wanted;
    try {
      wanted = FrameworkUtil.createFilter(filter);
    } catch (InvalidSyntaxException e) {
      return false;
    }
    return offered(requirement.getNamespace())
        .anyMatch(capability -> wanted.matches(capability.getAttributes()));
  }

  private Stream<BundleCapability> offered(String namespace) {
    return installed.stream()
        .map(bundle -> bundle.adapt(BundleRevision.class))
        .flatMap(revision -> revision.getDeclaredCapabilities(namespace).stream());
  }

  private String describe(String namespace, String filter) {
    Matcher wantedPackage = PACKAGE.matcher(filter);
    if (wantedPackage.find()) {
      String name = wantedPackage.group(1);
      return "it wants the package %s%s, here is %s"
          .formatted(name, range(filter), versionsHere(name));
    }
    Matcher java = JAVA.matcher(filter);
    if (namespace.equals(ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE)
        && java.find()) {
      return "it wants Java %s, this is Java %d"
          .formatted(java.group(1), Runtime.version().feature());
    }
    return "it wants %s %s, which nothing here offers".formatted(namespace, filter);
  }

  private String versionsHere(String packageName) {
    String versions =
        offered(PackageNamespace.PACKAGE_NAMESPACE)
            .map(BundleCapability::getAttributes)
            .filter(
                attributes ->
                    packageName.equals(attributes.get(PackageNamespace.PACKAGE_NAMESPACE)))
            .map(attributes -> attributes.get(PackageNamespace.CAPABILITY_VERSION_ATTRIBUTE))
            .map(Version.class::cast)
            .sorted(Comparator.naturalOrder())
            .map(Version::toString)
            .distinct()
            .collect(Collectors.joining(" and "));
    return versions.isEmpty() ? "none" : "version " + versions;
  }

  /** The version range that a filter was made from, or nothing if any version will do. */
  private static String range(String filter) {
    Matcher exclusive = EXCLUSIVE_CEILING.matcher(filter);
    Matcher inclusive = INCLUSIVE_CEILING.matcher(filter);
    Matcher floor = FLOOR.matcher(exclusive.replaceAll(""));
    if (!floor.find()) {
      return "";
    }
    Version from = Version.parseVersion(floor.group(1));
    if (exclusive.reset().find()) {
      return " in version " + range(from, exclusive.group(1), VersionRange.RIGHT_OPEN);
    }
    return inclusive.find()
        ? " in version " + range(from, inclusive.group(1), VersionRange.RIGHT_CLOSED)
        : " in version " + from + " or later";
  }

  private static VersionRange range(Version from, String to, char bracket) {
    return new VersionRange(VersionRange.LEFT_CLOSED, from, Version.parseVersion(to), bracket);
  }
}
