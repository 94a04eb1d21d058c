package org.longlora4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.longlora4j.core.Golden.SERVICES;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.Golden;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.tensor.SafetensorsFile;

class SafetensorsExportTest {
  @TempDir private Path folder;

  private SafetensorsExport.Result export(String model, NumberFormat format, long maxFileBytes)
      throws IOException {
    ExtensionRegistry registry =
        ExtensionRegistry.onClassPath(SafetensorsExportTest.class.getClassLoader());
    try (AdaptedCheckpoint source =
        AdaptedCheckpoint.open(Golden.model(model), Optional.empty(), registry, SERVICES)) {
      return new SafetensorsExport(source, SERVICES)
          .write(folder.resolve("out"), format, maxFileBytes);
    }
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  @Test
  void oneFileEqualsWhatTransformersSaved() throws IOException {
    SafetensorsExport.Result result = export("llama", NumberFormat.FLOAT32, 5_000_000_000L);
    assertThat(result.output().toFile().list())
        .containsExactlyInAnyOrder("config.json", "model.safetensors");
    try (TensorFile golden =
            SafetensorsFile.open(Golden.model("llama").resolve("model.safetensors"));
        TensorFile written = SafetensorsFile.open(result.output().resolve("model.safetensors"))) {
      assertThat(new ArrayList<>(written.entries().keySet()))
          .isEqualTo(new ArrayList<>(golden.entries().keySet()));
      golden
          .entries()
          .keySet()
          .forEach(name -> assertThat(written.bytes(name)).isEqualTo(golden.bytes(name)));
    }
    JsonNode config = json(result.output().resolve("config.json"));
    assertThat(config.get("dtype").asText()).isEqualTo("float32");
    assertThat(config.get("torch_dtype").asText()).isEqualTo("float32");
  }

  @Test
  void filesAreFilledUpToTheirSizeInTheOrderOfTheModel() throws IOException {
    // In bfloat16 the embeddings and the head take 40960 bytes each, a projection of the MLP
    // 64 · intermediate · 2.
    SafetensorsExport.Result result = export("llama", NumberFormat.BFLOAT16, 50_000);
    JsonNode index = json(result.output().resolve("model.safetensors.index.json"));
    long elements = 0;
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= result.files(); i++) {
      String name = "model-%05d-of-%05d.safetensors".formatted(i, result.files());
      try (TensorFile file = SafetensorsFile.open(result.output().resolve(name))) {
        long bytes = 0;
        for (var tensor : file.entries().entrySet()) {
          TensorEntry entry = tensor.getValue();
          assertThat(entry.type()).isEqualTo(ElementType.BF16);
          assertThat(index.get("weight_map").get(tensor.getKey()).asText()).isEqualTo(name);
          names.add(tensor.getKey());
          bytes += entry.bytes();
          elements += entry.shape().size();
        }
        assertThat(bytes).isLessThanOrEqualTo(50_000);
      }
    }
    assertThat(names.get(0)).isEqualTo("model.embed_tokens.weight");
    assertThat(names).endsWith("lm_head.weight").hasSize(index.get("weight_map").size());
    assertThat(index.get("metadata").get("total_size").asLong())
        .isEqualTo(2 * elements)
        .isEqualTo(result.bytes());
    assertThat(index.get("metadata").get("total_parameters").asLong()).isEqualTo(elements);
    assertThat(Files.exists(result.output().resolve("model.safetensors"))).isFalse();
  }

  @Test
  void aTensorLargerThanAFileGetsOneOfItsOwn() throws IOException {
    SafetensorsExport.Result result = export("llama", NumberFormat.FLOAT16, 1);
    assertThat(result.files()).isEqualTo(result.tensors());
  }
}
