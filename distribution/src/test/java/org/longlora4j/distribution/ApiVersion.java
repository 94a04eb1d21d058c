package org.longlora4j.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The versions of the API's packages, as its description gives them. */
final class ApiVersion {
  private static final Path DESCRIPTION = Path.of("../framework-api/api/api.txt");

  private static final String VERSION = "    VERSION ";

  private ApiVersion() {}

  static String of(String packageName) throws IOException {
    List<String> lines = Files.readAllLines(DESCRIPTION);
    boolean within = false;
    for (String line : lines) {
      if (line.startsWith("  PACKAGE ")) {
        within = line.startsWith("  PACKAGE org.longlora4j.api." + packageName + " ");
      } else if (within && line.startsWith(VERSION)) {
        return line.substring(VERSION.length(), line.indexOf(' ', VERSION.length()));
      }
    }
    throw new IOException("no version of " + packageName + " in " + DESCRIPTION);
  }
}
