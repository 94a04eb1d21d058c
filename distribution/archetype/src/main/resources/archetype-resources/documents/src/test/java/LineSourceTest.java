package ${package};

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.longlora4j.kit.DocumentSourceContract;

class LineSourceTest extends DocumentSourceContract {
  @Override
  protected String section() {
    return "{ use: ${artifactId}, path: '*.lines' }";
  }

  @Override
  protected void prepare() throws IOException {
    Files.writeString(folder().resolve("a.lines"), "one line of text\n\nand another\n".repeat(3));
    Files.writeString(folder().resolve("b.lines"), "a last line without an end");
  }

  @Override
  protected Order order() {
    return Order.FIXED;
  }

  @Override
  protected List<String> missing() {
    return List.of("{ use: ${artifactId}, path: nowhere }");
  }
}
