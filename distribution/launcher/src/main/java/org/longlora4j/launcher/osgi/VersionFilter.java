package org.longlora4j.launcher.osgi;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;

/** The range of versions that an LDAP filter of a bundle's requirement was made from. */
final class VersionFilter {
  private static final Pattern FLOOR = Pattern.compile("\\(version>=([^)]+)\\)");
  private static final Pattern EXCLUSIVE_CEILING = Pattern.compile("\\(!\\(version>=([^)]+)\\)\\)");
  private static final Pattern INCLUSIVE_CEILING = Pattern.compile("\\(version<=([^)]+)\\)");

  private VersionFilter() {}

  /** The range, without a ceiling if there is none; empty if any version will do. */
  static Optional<VersionRange> range(String filter) {
    Matcher exclusive = EXCLUSIVE_CEILING.matcher(filter);
    Matcher inclusive = INCLUSIVE_CEILING.matcher(filter);
    Matcher floor = FLOOR.matcher(exclusive.replaceAll(""));
    if (!floor.find()) {
      return Optional.empty();
    }
    Version from = Version.parseVersion(floor.group(1));
    if (exclusive.reset().find()) {
      return Optional.of(range(from, exclusive.group(1), VersionRange.RIGHT_OPEN));
    }
    return Optional.of(
        inclusive.find()
            ? range(from, inclusive.group(1), VersionRange.RIGHT_CLOSED)
            : new VersionRange(VersionRange.LEFT_CLOSED, from, null, VersionRange.RIGHT_OPEN));
  }

  private static VersionRange range(Version from, String to, char bracket) {
    return new VersionRange(VersionRange.LEFT_CLOSED, from, Version.parseVersion(to), bracket);
  }
}
