package org.longlora4j.core.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.file.Path;
import org.longlora4j.core.tensor.AtomicFile;

/** A page without scripts that loads nothing: what all reports look like. */
final class PageTemplate {
  private final Template template;

  /** Compiles the template of a name, which escapes whatever is put into it. */
  PageTemplate(String name) {
    template =
        Mustache.compiler()
            .emptyStringIsFalse(true)
            .withLoader(part -> open(part + ".mustache"))
            .compile(open(name + ".mustache"));
  }

  private static Reader open(String resource) {
    return new InputStreamReader(PageTemplate.class.getResourceAsStream(resource), UTF_8);
  }

  /** The style sheet, which stands within the page. */
  String style() throws IOException {
    try (InputStream style = PageTemplate.class.getResourceAsStream("report.css")) {
      return new String(style.readAllBytes(), UTF_8);
    }
  }

  /** Writes a page over an older one. */
  void write(Path page, Object content) throws IOException {
    AtomicFile.write(page, template.execute(content));
  }
}
