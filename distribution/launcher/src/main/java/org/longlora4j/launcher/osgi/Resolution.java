package org.longlora4j.launcher.osgi;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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
  private static final String OURS = "org.longlora4j.";

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
    List<BundleRequirement> missing = missing(bundle);
    if (!missing.isEmpty()) {
      return missing.stream().map(this::describe).collect(Collectors.joining("; ")) + mend(missing);
    }
    List<String> waiting = waiting(bundle);
    if (!waiting.isEmpty()) {
      return String.join("; ", waiting) + ". Mend that one first";
    }
    return failure.getCause() == null
        ? failure.getMessage()
        : "it cannot be started: " + failure.getCause();
  }

  private List<BundleRequirement> missing(Bundle bundle) {
    return required(bundle).filter(requirement -> offers(requirement).findAny().isEmpty()).toList();
  }

  private static Stream<BundleRequirement> required(Bundle bundle) {
    return bundle.adapt(BundleRevision.class).getDeclaredRequirements(null).stream()
        .filter(requirement -> !isOptional(requirement) && filter(requirement).isPresent());
  }

  private static Optional<String> filter(BundleRequirement requirement) {
    return Optional.ofNullable(
        requirement.getDirectives().get(Namespace.REQUIREMENT_FILTER_DIRECTIVE));
  }

  /** What is here, but in bundles that cannot be used themselves. */
  private List<String> waiting(Bundle bundle) {
    List<String> waiting = new ArrayList<>();
    required(bundle)
        .forEach(
            requirement -> {
              List<Bundle> holders =
                  offers(requirement).map(o -> o.getRevision().getBundle()).toList();
              if (!holders.isEmpty()
                  && holders.stream().noneMatch(bundle::equals)
                  && holders.stream().allMatch(holder -> holder.getState() == Bundle.INSTALLED)) {
                waiting.add(
                    wants(requirement)
                        + ", which only "
                        + names(holders)
                        + " offers, left out itself");
              }
            });
    return waiting;
  }

  private static String names(List<Bundle> bundles) {
    return bundles.stream()
        .map(bundle -> bundle.getSymbolicName() + " " + bundle.getVersion())
        .distinct()
        .collect(Collectors.joining(" and "));
  }

  /** Another build helps where we ourselves are what does not fit; else something is not there. */
  private static String mend(List<BundleRequirement> missing) {
    boolean ours =
        missing.stream()
            .map(requirement -> PACKAGE.matcher(filter(requirement).orElse("")))
            .allMatch(name -> !name.find() || name.group(1).startsWith(OURS));
    return ours
        ? ". Use a build of the plugin for this version of LongLoRA4J"
        : ". Use a build of the plugin for this version of LongLoRA4J, or put the bundle that"
            + " offers what is missing beside it";
  }

  private static boolean isOptional(BundleRequirement requirement) {
    String resolution = requirement.getDirectives().get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE);
    return Namespace.RESOLUTION_OPTIONAL.equals(resolution)
        || PackageNamespace.RESOLUTION_DYNAMIC.equals(resolution);
  }

  private Stream<BundleCapability> offers(BundleRequirement requirement) {
    Filter wanted;
    try {
      wanted = FrameworkUtil.createFilter(filter(requirement).orElseThrow());
    } catch (InvalidSyntaxException e) {
      return Stream.empty();
    }
    return offered(requirement.getNamespace())
        .filter(capability -> wanted.matches(capability.getAttributes()));
  }

  private Stream<BundleCapability> offered(String namespace) {
    return installed.stream()
        .map(bundle -> bundle.adapt(BundleRevision.class))
        .flatMap(revision -> revision.getDeclaredCapabilities(namespace).stream());
  }

  private String describe(BundleRequirement requirement) {
    String filter = filter(requirement).orElseThrow();
    Matcher wantedPackage = PACKAGE.matcher(filter);
    if (wantedPackage.find()) {
      return wants(requirement) + ", here is " + versionsHere(wantedPackage.group(1));
    }
    Matcher java = JAVA.matcher(filter);
    if (requirement
            .getNamespace()
            .equals(ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE)
        && java.find()) {
      return "it wants Java %s, this is Java %d"
          .formatted(java.group(1), Runtime.version().feature());
    }
    return wants(requirement) + ", which nothing here offers";
  }

  private static String wants(BundleRequirement requirement) {
    String filter = filter(requirement).orElseThrow();
    Matcher wantedPackage = PACKAGE.matcher(filter);
    return wantedPackage.find()
        ? "it wants the package " + wantedPackage.group(1) + range(filter)
        : "it wants %s %s".formatted(requirement.getNamespace(), filter);
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

  private static String range(String filter) {
    return VersionFilter.range(filter)
        .map(
            range ->
                range.getRight() == null
                    ? " in version " + range.getLeft() + " or later"
                    : " in version " + range)
        .orElse("");
  }
}
