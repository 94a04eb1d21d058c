package org.longlora4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.longlora4j.core.Golden.SERVICES;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.Golden;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.SafetensorsWriter;
import org.longlora4j.core.tensor.TensorReader;
import org.longlora4j.core.tensor.TensorWriter;

class CheckpointTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FIRST = "model-00001-of-00002.safetensors";
  private static final String SECOND = "model-00002-of-00002.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  @TempDir private Path folder;

  @BeforeEach
  void copyConfig() throws IOException {
    copyConfig("llama");
  }

  private void copyConfig(String model) throws IOException {
    Files.deleteIfExists(folder.resolve("config.json"));
    Files.copy(Golden.model(model).resolve("config.json"), folder.resolve("config.json"));
  }

  /** The golden llama's tensors, some of which a test leaves out. */
  private void write(String file, Predicate<String> kept) throws IOException {
    write("llama", file, kept, Map.of());
  }

  /** A golden checkpoint's tensors; those of {@code zeros} are added or replace them. */
  private void write(
      String model, String file, Predicate<String> kept, Map<String, TensorEntry> zeros)
      throws IOException {
    try (TensorFile golden =
        SafetensorsFile.open(Golden.model(model).resolve("model.safetensors"))) {
      Map<String, TensorEntry> entries = new LinkedHashMap<>(golden.entries());
      entries.keySet().removeIf(kept.negate());
      Golden.write(folder.resolve(file), entries, zeros, golden::bytes);
    }
  }

  private void writeIndex(String... extra) throws IOException {
    ObjectNode index = JSON.createObjectNode();
    ObjectNode map = index.putObject("weight_map");
    try (TensorFile golden =
        SafetensorsFile.open(Golden.model("llama").resolve("model.safetensors"))) {
      golden.entries().keySet().forEach(name -> map.put(name, inFirst(name) ? FIRST : SECOND));
    }
    for (int i = 0; i < extra.length; i += 2) {
      map.put(extra[i], extra[i + 1]);
    }
    Files.writeString(folder.resolve(INDEX), index.toString());
  }

  private static boolean inFirst(String name) {
    return name.startsWith("model.layers.0") || name.startsWith("lm_head");
  }

  private void writeShards() throws IOException {
    write(FIRST, CheckpointTest::inFirst);
    write(SECOND, name -> !inFirst(name));
    writeIndex();
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> Checkpoint.open(folder).close())
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(message);
  }

  private NDArray logits(Path directory, Precision precision, NDManager owner) {
    try (CausalLanguageModel model = Golden.frozen(directory, precision);
        DenseForward forward = new DenseForward(model, SERVICES)) {
      return forward.run(
          Golden.tokens("llama"),
          hidden -> {
            NDArray logits = model.logits(hidden);
            logits.attach(owner);
            return logits;
          });
    }
  }

  private double distance(Path directory, Precision precision) {
    try (NDManager owner = SERVICES.engine().newManager();
        TensorFile expected = Golden.expected("llama")) {
      NDArray reference =
          new TensorReader(SERVICES.compiler()).read(expected, "logits", Precision.FLOAT32, owner);
      return Golden.relative(logits(directory, precision, owner), reference);
    }
  }

  @Test
  void quantizedWeightsThatNoPluginReadsAreRefused() {
    assertThatThrownBy(() -> Checkpoint.open(Golden.model("llama-nf4")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "%s: quantization_config: a checkpoint of quantized weights (bitsandbytes) cannot be"
                    .formatted(Golden.model("llama-nf4").resolve("config.json"))
                + " read by any plugin here; use the float checkpoint that it was made from");
  }

  @Test
  void aCheckpointInShardsIsReadLikeOneInASingleFile() throws IOException {
    writeShards();
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.file("lm_head.weight").path()).isEqualTo(folder.resolve(FIRST));
      assertThat(checkpoint.file("model.norm.weight").path()).isEqualTo(folder.resolve(SECOND));
      assertThat(checkpoint.tensorNames()).hasSize(30);
    }
    assertThat(distance(folder, Precision.FLOAT32)).isLessThan(1e-4);
  }

  @Test
  void aShardThatIsMissingIsNamedWithItsIndex() throws IOException {
    write(FIRST, CheckpointTest::inFirst);
    writeIndex();
    assertRefused(
        folder.resolve(INDEX)
            + ": weight_map: names files that do not exist: "
            + SECOND
            + ". Download them too.");
  }

  @Test
  void anIndexMustTellTheTruth() throws IOException {
    writeShards();
    writeIndex("model.norm.weight", FIRST);
    assertRefused(
        folder.resolve(INDEX)
            + ": weight_map: says that model.norm.weight is in "
            + FIRST
            + ", which does not have it.");
    Files.writeString(folder.resolve(INDEX), "{\"metadata\": {}}");
    assertRefused(folder.resolve(INDEX) + ": weight_map: missing, must be an object.");
    Files.writeString(folder.resolve(INDEX), "{");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(folder.resolve(INDEX) + ":1:2: ");
  }

  @Test
  void allTensorsThatDoNotFitAreNamedAtOnce() throws IOException {
    write(
        "llama",
        "model.safetensors",
        name -> !name.equals("model.layers.1.mlp.up_proj.weight"),
        Map.of(
            "model.norm.weight", new TensorEntry(ElementType.F32, new Shape(65)),
            "lm_head.weight", new TensorEntry(ElementType.I8, new Shape(320, 64)),
            "model.layers.0.self_attn.q_proj.bias",
                new TensorEntry(ElementType.F32, new Shape(64))));
    assertRefused(
        folder
            + """
             does not fit its config.json:
            tensor model.layers.1.mlp.up_proj.weight is missing, must have the shape (176, 64)
            tensor model.norm.weight has the shape (65), must have (64)
            tensor lm_head.weight holds I8, must hold floating point
            tensor model.layers.0.self_attn.q_proj.bias is unknown to model_type llama""");
  }

  @Test
  void onlySoManyMistakesAreShown() throws IOException {
    write("model.safetensors", name -> name.equals("lm_head.weight"));
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageEndingWith("\n… and 19 more");
  }

  @Test
  void leftoversOfOldVersionsAreIgnored() throws IOException {
    Map<String, TensorEntry> leftover =
        Map.of(
            "model.layers.0.self_attn.rotary_emb.inv_freq",
            new TensorEntry(ElementType.F32, new Shape(8)));
    write("llama", "model.safetensors", name -> true, leftover);
    assertThat(distance(folder, Precision.FLOAT32)).isLessThan(1e-4);
  }

  @Test
  void theHeadThatATiedModelSavedTwiceIsIgnored() throws IOException {
    copyConfig("llama-mha-tied");
    write(
        "llama-mha-tied",
        "model.safetensors",
        name -> true,
        Map.of("lm_head.weight", new TensorEntry(ElementType.F32, new Shape(320, 64))));
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.tensorNames()).contains("lm_head.weight");
      assertThat(checkpoint.modules()).noneMatch(module -> module.name().equals("lm_head"));
    }
  }

  @Test
  void aTruncatedFileIsRefused() throws IOException {
    write("model.safetensors", name -> true);
    Path file = folder.resolve("model.safetensors");
    long size = Files.size(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size - 1);
    }
    assertRefused(
        "%s is not a whole safetensors file: it is truncated: the header describes %d bytes, the file has %d."
            .formatted(file, size, size - 1));
  }

  @Test
  void aPickleInPlaceOfSafetensorsIsRefused() throws IOException {
    assertRefused(folder + " has neither model.safetensors nor " + INDEX + ".");
    Files.write(folder.resolve("pytorch_model.bin"), new byte[] {(byte) 0x80, 2});
    assertRefused(
        folder
            + " has neither model.safetensors nor "
            + INDEX
            + ". It has a pickle, pytorch_model.bin, which is not read: loading one can run any"
            + " code. Convert it to safetensors first.");
  }

  @Test
  void whatIsNoCheckpointIsRefused() throws IOException {
    String what =
        " A model is a Hugging Face checkpoint directory: config.json and model.safetensors.";
    Files.delete(folder.resolve("config.json"));
    assertRefused(folder.resolve("config.json") + " does not exist." + what);
    Path file = Files.createFile(folder.resolve("llama.gguf"));
    assertThatThrownBy(() -> Checkpoint.open(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(file + " is not a directory." + what);
    assertThatThrownBy(() -> Checkpoint.open(folder.resolve("lama")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(folder.resolve("lama") + " does not exist." + what);
  }

  /**
   * A weight keeps 11 significant bits in float16 and 8 in bfloat16; activations too when the
   * session is bfloat16.
   */
  @ParameterizedTest
  @CsvSource({
    "F16, FLOAT32, 2e-3",
    "BF16, FLOAT32, 2e-2",
    "F32, BFLOAT16, 4e-2",
    "BF16, BFLOAT16, 4e-2",
  })
  void aCheckpointInSixteenBitsGivesNearlyTheSameLogits(
      ElementType type, Precision precision, double tolerance) throws IOException {
    convert(type);
    assertThat(distance(folder, precision)).isLessThan(tolerance);
  }

  private void convert(ElementType type) throws IOException {
    try (NDManager owner = SERVICES.engine().newManager();
        TensorFile golden =
            SafetensorsFile.open(Golden.model("llama").resolve("model.safetensors"))) {
      Map<String, TensorEntry> entries = new LinkedHashMap<>();
      golden.entries().forEach((name, e) -> entries.put(name, new TensorEntry(type, e.shape())));
      TensorReader reader = new TensorReader(SERVICES.compiler());
      TensorWriter writer = new TensorWriter(SERVICES.compiler());
      try (SafetensorsWriter out =
          new SafetensorsWriter(folder.resolve("model.safetensors"), Map.of(), entries)) {
        for (String name : entries.keySet()) {
          out.begin(name);
          writer.write(reader.read(golden, name, Precision.FLOAT32, owner), type, out);
        }
        out.commit();
      }
    }
  }
}
