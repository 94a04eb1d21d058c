package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.tensor.SafetensorsFile;

/**
 * What holds for the adapters of every strategy, over weights as they are and over quantized ones.
 */
class EveryAdapterTest {
  private static final Path GOLDEN = CommandRun.golden();
  private static final Path MODEL = GOLDEN.resolve("models/llama");

  @TempDir private Path directory;

  /** The third column is an adapter of PEFT's with the same keys, shapes and configuration. */
  @ParameterizedTest(name = "{0} over {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          { use: lora }                                       | none | lora
          { use: lora }                                       | nf4  | lora
          { use: lora-plus, rank: 8, alpha: 16 }              | none | longlora
          { use: lora-plus, rank: 8, alpha: 16 }              | nf4  | longlora
          { use: dora }                                       | none | dora
          { use: dora }                                       | nf4  | dora
          { use: rslora, rank: 16 }                           | none | rslora
          { use: rslora, rank: 16 }                           | nf4  | rslora
          { use: lora, rank: 4, alpha: 8, init: pissa }       | none | lora
          { use: lora, rank: 4, alpha: 8, init: pissa }       | nf4  | lora
          { use: lora-plus, rank: 4, alpha: 8, init: loftq }  | nf4  | longlora
          """)
  void anAdapterIsPeftsAndComesAndGoes(String adapter, String quantization, String likePefts)
      throws IOException {
    Path before = logits("before", MODEL, Optional.empty());
    SmallRun run = SmallRun.in(directory);
    String quantized = "quantization=" + quantization;
    CommandRun trained =
        run.train("adapter=" + adapter, quantized, "training.batch-size=3", evaluation());
    assertThat(trained.exitCode()).as(trained.err()).isZero();

    assertSavedAsPeft(run.output(), GOLDEN.resolve("adapters/" + likePefts));
    if (!adapter.contains("loftq")) { // over quantized weights that one is another, as documented
      assertLoadedIsWhatWasTrained(run, quantized);
    }
    assertMergesOnce(run.output());
    verify(before, MODEL, Optional.empty());
  }

  private static String evaluation() {
    return "evaluation={every: 4, rows: 12, data: %s}".formatted(rows());
  }

  private static String rows() {
    return "{use: token-rows, path: '%s', tensor: data}"
        .formatted(GOLDEN.resolve("expected/run-longlora.safetensors"));
  }

  private static void assertSavedAsPeft(Path saved, Path pefts) throws IOException {
    assertThat(shapes(saved)).isEqualTo(shapes(pefts));
    JsonNode expected = SmallRun.json(pefts.resolve("adapter_config.json"));
    JsonNode config = SmallRun.json(saved.resolve("adapter_config.json"));
    for (Map.Entry<String, JsonNode> entry : config.properties()) {
      if (!entry.getKey().equals("base_model_name_or_path")) {
        assertThat(unordered(entry.getValue()))
            .as(entry.getKey())
            .isEqualTo(unordered(expected.get(entry.getKey())));
      }
    }
  }

  private static Object unordered(JsonNode value) {
    TreeSet<String> items = new TreeSet<>();
    value.forEach(item -> items.add(item.toString()));
    return value.isArray() ? items : value;
  }

  private static Map<String, Shape> shapes(Path adapter) {
    try (TensorFile file = SafetensorsFile.open(adapter.resolve("adapter_model.safetensors"))) {
      Map<String, Shape> shapes = new HashMap<>();
      file.entries().forEach((name, entry) -> shapes.put(name, entry.shape()));
      return shapes;
    }
  }

  /** The loss before the first step of a run that goes on is the last one that was measured. */
  private void assertLoadedIsWhatWasTrained(SmallRun run, String quantized) throws IOException {
    List<JsonNode> evaluations = SmallRun.lines(run.output().resolve("evaluation.jsonl"));
    double measured = evaluations.get(evaluations.size() - 1).get("loss").asDouble();
    Path next = Files.createDirectory(directory.resolve("next"));
    SmallRun goesOn = SmallRun.in(next);
    CommandRun continued =
        goesOn.train(
            "adapter={ use: lora, start-from: '%s' }".formatted(run.output()),
            quantized,
            "attention=dense",
            "training.steps=1",
            "training.accumulate=12");
    assertThat(continued.exitCode()).as(continued.err()).isZero();
    assertThat(goesOn.losses().get(0)).isCloseTo(measured, within(1e-5));
  }

  private void assertMergesOnce(Path adapter) throws IOException {
    Path merged = directory.resolve("merged");
    assertThat(merge(MODEL, adapter, merged).exitCode()).isZero();
    Path together = logits("together", MODEL, Optional.of(adapter));
    verify(together, merged, Optional.empty());

    Path again = directory.resolve("again");
    assertThat(merge(MODEL, adapter, again).exitCode()).isZero();
    assertThat(again.resolve("model.safetensors"))
        .hasSameBinaryContentAs(merged.resolve("model.safetensors"));
    CommandRun twice = merge(merged, adapter, directory.resolve("twice"));
    assertThat(twice.exitCode()).isEqualTo(2);
    assertThat(twice.err()).contains("is merged into this model already and would count twice");
    assertThat(merge(MODEL, adapter, merged).exitCode()).isEqualTo(2);
  }

  private static CommandRun merge(Path model, Path adapter, Path output) {
    return CommandRun.of("merge", "--model", model, "--adapter", adapter, "--output", output);
  }

  private Path logits(String name, Path model, Optional<Path> adapter) throws IOException {
    Path file = directory.resolve(name + ".safetensors");
    Logits.of(model, adapter, file);
    return file;
  }

  private void verify(Path expected, Path model, Optional<Path> adapter) throws IOException {
    Path actual = logits("actual", model, adapter);
    Tensors.assertClose(Tensors.in(actual), Tensors.in(expected), 1e-5);
  }
}
