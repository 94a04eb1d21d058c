package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A pretrained model with a tokenizer, which the project does not ship, against transformers. */
class StoriesTest {
  @Test
  void greedyContinuationsEqualThoseOfTransformers() throws IOException {
    Path model = shared("models/stories260k");
    JsonNode cases = SmallRun.json(CommandRun.golden().resolve("stories-generate.json"));

    assertThat(cases).isNotEmpty();
    for (JsonNode example : cases) {
      JsonNode generated =
          CommandRun.succeed(
                  "generate",
                  "--model",
                  model,
                  "--prompt",
                  example.get("prompt").asText(),
                  "--max-new-tokens",
                  example.get("greedy_ids").size(),
                  "--json")
              .json();
      assertThat(generated.get("prompt_ids")).isEqualTo(example.get("prompt_ids"));
      assertThat(generated.get("new_ids")).isEqualTo(example.get("greedy_ids"));
      assertThat(generated.get("text").asText()).isEqualTo(example.get("text").asText());
    }
  }

  @Test
  void logitsEqualThoseOfTransformers() {
    CommandRun.succeed(
        "verify",
        "--model",
        shared("models/stories260k"),
        "--expected",
        shared("golden/expected/stories-logits.safetensors"),
        "--tolerance",
        "1e-4");
  }

  private static Path shared(String name) {
    Optional<Path> found =
        Stream.iterate(
                Path.of(System.getProperty("user.dir")), folder -> folder != null, Path::getParent)
            .map(folder -> folder.resolve("shared").resolve(name))
            .filter(Files::exists)
            .findFirst();
    assumeTrue(found.isPresent(), "there is no shared/" + name + " above this folder");
    return found.get();
  }
}
