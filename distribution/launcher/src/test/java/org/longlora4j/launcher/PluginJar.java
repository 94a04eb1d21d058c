package org.longlora4j.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/** A bundle with one plugin, compiled and packed on the spot. */
public final class PluginJar {
  private static final String IMPORTS =
      "com.google.inject;version=\"[1.4,2)\","
          + "org.longlora4j.api.plugin;version=\"[1.0,2)\","
          + "org.longlora4j.api.train;version=\"[1.0,2)\"";

  private final Map<String, String> headers = new LinkedHashMap<>();
  private final String packageName;
  private final List<String> leftOut = new ArrayList<>();
  private String configure;
  private String members = "";
  private String watcher = "@Inject Watcher(NoOptions options) {}";
  private boolean service = true;

  /** A plugin that binds a training listener named {@code name}. */
  public PluginJar(String name) {
    packageName = "example." + name.replace('-', '_');
    configure =
        "new ExtensionBinder(binder).bind(TrainingListener.class, \"%s\", Watcher.class);"
            .formatted(name);
    headers.put("Bundle-ManifestVersion", "2");
    headers.put("Bundle-SymbolicName", "example-" + name);
    headers.put("Bundle-Version", "1.2.3");
    headers.put("Import-Package", IMPORTS);
    headers.put("Require-Capability", "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=17))\"");
  }

  /** Imports more packages than the plugin needs. */
  public PluginJar importing(String clause) {
    return header("Import-Package", IMPORTS + "," + clause);
  }

  /** Sets a header of the manifest. */
  public PluginJar header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /** Leaves out a header of the manifest. */
  public PluginJar without(String name) {
    headers.remove(name);
    return this;
  }

  /** Leaves out the file by which ServiceLoader finds the plugin. */
  public PluginJar withoutService() {
    service = false;
    return this;
  }

  /** Sets the statements of the plugin's {@code configure} method. */
  public PluginJar configuring(String statements) {
    configure = statements;
    return this;
  }

  /** Adds members, such as classes, to the plugin's class. */
  public PluginJar declaring(String members) {
    this.members = members;
    return this;
  }

  /** Sets the members of the training listener that the plugin binds. */
  public PluginJar watching(String members) {
    watcher = members;
    return this;
  }

  /** Leaves a class out of the jar, as if it had been forgotten. */
  public PluginJar forgetting(String simpleName) {
    leftOut.add("$" + simpleName + ".class");
    return this;
  }

  /** Writes the jar. */
  public Path writeTo(Path file) throws IOException {
    Path classes = Files.createTempDirectory("plugin-classes");
    compile(classes);
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    headers.forEach(manifest.getMainAttributes()::putValue);
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out, manifest)) {
      for (Path compiled : files(classes)) {
        if (leftOut.stream().anyMatch(compiled.toString()::endsWith)) {
          continue;
        }
        put(jar, classes.relativize(compiled).toString(), Files.readAllBytes(compiled));
      }
      if (service) {
        put(
            jar,
            "META-INF/services/org.longlora4j.api.plugin.Plugin",
            (packageName + ".ExamplePlugin").getBytes(UTF_8));
      }
    }
    return file;
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static void put(JarOutputStream jar, String name, byte[] content) throws IOException {
    jar.putNextEntry(new ZipEntry(name));
    jar.write(content);
    jar.closeEntry();
  }

  private void compile(Path classes) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(diagnostics, Locale.ROOT, UTF_8)) {
      files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(classes));
      boolean compiled =
          compiler
              .getTask(null, files, diagnostics, List.of("-proc:none"), null, List.of(source()))
              .call();
      if (!compiled) {
        throw new IllegalStateException(diagnostics.getDiagnostics().toString());
      }
    }
  }

  private JavaFileObject source() {
    String text =
        """
        package %s;
        import com.google.inject.Binder;
        import com.google.inject.Inject;
        import org.longlora4j.api.plugin.*;
        import org.longlora4j.api.train.TrainingListener;
        public final class ExamplePlugin implements Plugin {
          static final class Watcher implements TrainingListener {
            %s
          }
          %s
          @Override public void configure(Binder binder) {
            %s
          }
        }
        """
            .formatted(packageName, watcher, members, configure);
    URI uri = URI.create("string:///" + packageName.replace('.', '/') + "/ExamplePlugin.java");
    return new SimpleJavaFileObject(uri, JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return text;
      }
    };
  }
}
