package org.longlora4j.launcher.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. The numbers are the build's. */
final class ProductVersion implements IVersionProvider {
  private static final String RESOURCE = "version.properties";

  @Override
  public String[] getVersion() {
    Properties versions = new Properties();
    try (InputStream in = ProductVersion.class.getResourceAsStream(RESOURCE)) {
      versions.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new String[] {
      "longlora %s (DJL %s, PyTorch %s, Java %s)"
          .formatted(
              versions.getProperty("longlora4j"),
              versions.getProperty("djl"),
              versions.getProperty("pytorch"),
              System.getProperty("java.version"))
    };
  }
}
