package org.longlora4j.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;

class BuiltInSourceTest extends DocumentSourceContract {
  @Override
  protected String section() {
    return "{ use: text, path: texts }";
  }

  @Override
  protected void prepare() throws IOException {
    Files.createDirectories(folder().resolve("texts"));
    for (int i = 0; i < 10; i++) {
      Files.writeString(
          folder().resolve("texts").resolve(i + ".txt"), ("text " + i + "\n").repeat(10 * i));
    }
  }

  @Override
  protected Order order() {
    return Order.SHUFFLED;
  }

  @Override
  protected List<String> missing() {
    return List.of("{ use: text, path: nowhere }", "{ use: text, path: [texts, '*.md'] }");
  }

  @Override
  protected Map<String, String> mistakes() {
    return Map.of("{ use: text, path: [] }", "path");
  }
}
