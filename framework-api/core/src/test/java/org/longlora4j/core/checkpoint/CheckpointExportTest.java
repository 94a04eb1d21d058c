package org.longlora4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.longlora4j.core.Golden.SERVICES;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.Golden;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.tensor.SafetensorsFile;

class CheckpointExportTest {
  private static final String EMBEDDINGS = "model.embed_tokens.weight";
  private static final String HEAD = "lm_head.weight";
  private static final String NORM = "model.norm.weight";

  @TempDir private Path folder;

  /** A golden checkpoint whose files are chosen by tensor, with zeros for {@code extra}. */
  private Path base(String model, Map<String, TensorEntry> extra, Function<String, String> fileOf)
      throws IOException {
    Path base = Files.createDirectory(folder.resolve("base"));
    Files.copy(Golden.model(model).resolve("config.json"), base.resolve("config.json"));
    Files.writeString(base.resolve("tokenizer.json"), "{}");
    Files.writeString(base.resolve("notes.txt"), "");
    Map<String, Map<String, TensorEntry>> files = new LinkedHashMap<>();
    Map<String, String> index = new LinkedHashMap<>();
    try (TensorFile golden =
        SafetensorsFile.open(Golden.model(model).resolve("model.safetensors"))) {
      Map<String, TensorEntry> all = new LinkedHashMap<>(golden.entries());
      all.putAll(extra);
      all.forEach(
          (name, entry) -> {
            index.put(name, fileOf.apply(name));
            files
                .computeIfAbsent(fileOf.apply(name), file -> new LinkedHashMap<>())
                .put(name, entry);
          });
      for (Map.Entry<String, Map<String, TensorEntry>> file : files.entrySet()) {
        Map<String, TensorEntry> zeros = new LinkedHashMap<>(file.getValue());
        zeros.keySet().retainAll(extra.keySet());
        Golden.write(base.resolve(file.getKey()), file.getValue(), zeros, golden::bytes);
      }
    }
    if (!files.containsKey("model.safetensors")) {
      new ObjectMapper()
          .writeValue(
              base.resolve("model.safetensors.index.json").toFile(), Map.of("weight_map", index));
    }
    return base;
  }

  private Path export(Path base, CheckpointExport.Replacement replacement, boolean untied)
      throws IOException {
    Path output = Files.createDirectory(folder.resolve("out"));
    try (Checkpoint checkpoint = Checkpoint.open(base)) {
      new CheckpointExport(checkpoint, new WeightStorage.Dense(), SERVICES)
          .write(output, checkpoint.config().json(), replacement, untied);
    }
    return output;
  }

  private static CheckpointExport.Replacement none() {
    return (name, scope) -> Optional.empty();
  }

  @Test
  void whatDoesNotChangeIsCopiedAsItIsAndLeftoversAreNot() throws IOException {
    Map<String, TensorEntry> leftover =
        Map.of(
            "model.layers.0.self_attn.rotary_emb.inv_freq",
            new TensorEntry(ElementType.F32, new Shape(8)));
    Path output = export(base("llama", leftover, name -> "model.safetensors"), none(), false);
    assertThat(output.toFile().list())
        .containsExactlyInAnyOrder("config.json", "model.safetensors", "tokenizer.json");
    assertThat(output.resolve("model.safetensors"))
        .hasSameBinaryContentAs(Golden.model("llama").resolve("model.safetensors"));
  }

  @Test
  void theFilesOfTheBaseStayApartAndTheIndexTellsThem() throws IOException {
    Function<String, String> fileOf = name -> name.startsWith("model") ? "a.st" : "b.st";
    Path output = export(base("llama", Map.of(), fileOf), none(), false);
    try (Checkpoint written = Checkpoint.open(output)) {
      assertThat(written.file(HEAD).path()).isEqualTo(output.resolve("b.st"));
      assertThat(written.file(NORM).path()).isEqualTo(output.resolve("a.st"));
    }
    long bytes =
        new ObjectMapper()
            .readTree(output.resolve("model.safetensors.index.json").toFile())
            .path("metadata")
            .path("total_size")
            .asLong();
    assertThat(bytes)
        .isBetween(500_000L, Files.size(Golden.model("llama").resolve("model.safetensors")));
  }

  @Test
  void aSingleFileNeedsNoIndexWhateverTheBaseCalledIt() throws IOException {
    String shard = "model-00001-of-00001.safetensors";
    assertLoadsWithoutIndex(export(base("llama", Map.of(), name -> shard), none(), false));
  }

  @Test
  void aFileOfLeftoversAloneIsNotWritten() throws IOException {
    String leftover = "model.layers.0.self_attn.rotary_emb.inv_freq";
    Function<String, String> fileOf = name -> name.equals(leftover) ? "b.st" : "a.st";
    Map<String, TensorEntry> extra =
        Map.of(leftover, new TensorEntry(ElementType.F32, new Shape(8)));
    assertLoadsWithoutIndex(export(base("llama", extra, fileOf), none(), false));
  }

  private static void assertLoadsWithoutIndex(Path output) {
    assertThat(output.toFile().list())
        .containsExactlyInAnyOrder("config.json", "model.safetensors", "tokenizer.json");
    assertThat(output.resolve("model.safetensors"))
        .hasSameBinaryContentAs(Golden.model("llama").resolve("model.safetensors"));
    try (Checkpoint written = Checkpoint.open(output)) {
      assertThat(written.tensorNames()).contains(HEAD, NORM);
    }
  }

  @Test
  void aNewValueIsWrittenInTheFormatOfTheOldAndItsMemoryIsGivenBack() throws IOException {
    Map<String, TensorEntry> narrow =
        Map.of(NORM, new TensorEntry(ElementType.BF16, new Shape(64)));
    List<NDManager> scopes = new ArrayList<>();
    Path output =
        export(
            base("llama", narrow, name -> "model.safetensors"),
            (name, scope) -> {
              scopes.add(scope);
              return Optional.of(name).filter(NORM::equals).map(norm -> scope.ones(new Shape(64)));
            },
            false);
    try (Checkpoint written = Checkpoint.open(output)) {
      TensorFile file = written.file(NORM);
      assertThat(file.entries().get(NORM)).isEqualTo(narrow.get(NORM));
      assertThat(file.bytes(NORM).getShort(0)).isEqualTo((short) 0x3f80);
    }
    assertThat(scopes).hasSize(30).noneMatch(NDManager::isOpen);
  }

  @Test
  void aHeadThatIsUntiedIsTheEmbeddingsWhateverTheBaseHadLeft() throws IOException {
    Map<String, TensorEntry> leftover =
        Map.of(HEAD, new TensorEntry(ElementType.F32, new Shape(320, 64)));
    Path base = base("llama-mha-tied", leftover, name -> "model.safetensors");
    Path output =
        export(
            base,
            (name, scope) ->
                Optional.of(name)
                    .filter(EMBEDDINGS::equals)
                    .map(embeddings -> scope.zeros(new Shape(320, 64))),
            true);
    try (TensorFile old = SafetensorsFile.open(base.resolve("model.safetensors"));
        TensorFile written = SafetensorsFile.open(output.resolve("model.safetensors"))) {
      assertThat(written.bytes(HEAD)).isEqualTo(old.bytes(EMBEDDINGS));
      assertThat(written.bytes(EMBEDDINGS)).isNotEqualTo(old.bytes(EMBEDDINGS));
    }
  }
}
