package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.tensor.SafetensorsFile;

/** What a recipe may say of an adapter, from its text to the tensors that come out. */
class AdapterChoicesTest {
  private static final String PREFIX = "base_model.model.";

  @TempDir private Path directory;

  @Test
  void ranksLayersAndWholeModulesAreAsTheRecipeSays() throws IOException {
    SmallRun run =
        trained(
            "adapter={ use: lora, targets: [q_proj, v_proj], layers: [0, 2], train: [head],"
                + " rank-pattern: { 'layers.2.*v_proj': 3 } }");
    try (TensorFile saved =
        SafetensorsFile.open(run.output().resolve("adapter_model.safetensors"))) {
      assertThat(saved.entries()).hasSize(9);
      assertThat(shape(saved, "model.layers.0.self_attn.v_proj.lora_A.weight"))
          .isEqualTo(new Shape(8, 64));
      assertThat(shape(saved, "model.layers.2.self_attn.v_proj.lora_B.weight"))
          .isEqualTo(new Shape(32, 3));
      assertThat(shape(saved, "lm_head.weight")).isEqualTo(new Shape(320, 64));
    }
    Path merged = directory.resolve("merged");
    CommandRun.succeed(
        "merge",
        "--model",
        CommandRun.golden().resolve("models/llama"),
        "--adapter",
        run.output(),
        "--output",
        merged);
    Map<String, float[]> base =
        Tensors.in(CommandRun.golden().resolve("models/llama/model.safetensors"));
    Map<String, float[]> after = Tensors.in(merged.resolve("model.safetensors"));
    assertThat(after.keySet().stream().filter(name -> changed(name, base, after)))
        .containsExactlyInAnyOrder(
            "lm_head.weight",
            "model.layers.0.self_attn.q_proj.weight",
            "model.layers.0.self_attn.v_proj.weight",
            "model.layers.2.self_attn.q_proj.weight",
            "model.layers.2.self_attn.v_proj.weight");
  }

  private static boolean changed(
      String name, Map<String, float[]> base, Map<String, float[]> after) {
    return !Arrays.equals(base.get(name), after.get(name));
  }

  private static Shape shape(TensorFile saved, String name) {
    return saved.entries().get(PREFIX + name).shape();
  }

  @Test
  void aGroupWhoseLearningRateIsZeroStaysAsItIs() throws IOException {
    SmallRun run =
        trained(
            "adapter={ use: lora-plus, train: [embeddings, norms],"
                + " learning-rate-factors: { lora-b: 0, embeddings: 0 } }");
    Map<String, float[]> base =
        Tensors.in(CommandRun.golden().resolve("models/llama/model.safetensors"));
    Tensors.in(run.output().resolve("adapter_model.safetensors"))
        .forEach(
            (key, values) -> {
              String name = key.substring(PREFIX.length());
              if (name.endsWith("lora_B.weight")) {
                assertThat(values).as(name).containsOnly(0);
              } else if (name.contains("embed")) {
                assertThat(values).as(name).isEqualTo(base.get(name));
              } else if (name.contains("norm")) {
                assertThat(values).as(name).isNotEqualTo(base.get(name));
              }
            });
  }

  @Test
  void aHigherLearningRateOfBMakesAnotherAdapter() throws IOException {
    String losses = trained("adapter={ use: lora }").losses().toString();
    Path other = Files.createDirectory(directory.resolve("other"));
    SmallRun run = SmallRun.in(other);
    CommandRun faster = run.train("adapter={ use: lora, learning-rate-factors: { lora-b: 16 } }");
    assertThat(faster.exitCode()).as(faster.err()).isZero();
    assertThat(run.losses().toString()).isNotEqualTo(losses);
    assertThat(run.losses().get(3)).isLessThan(SmallRun.in(directory).losses().get(3));
  }

  @Test
  void loftqWithoutQuantizationIsRefusedBeforeAnythingIsRead() throws IOException {
    CommandRun check = SmallRun.in(directory).check("adapter={ use: lora, init: loftq }");
    assertThat(check.exitCode()).isEqualTo(2);
    assertThat(check.err())
        .contains("adapter: begins with what quantization lost, but with quantization.use 'none'");
  }

  @Test
  void choicesThatDoNotFitAreNamedByTheirKeys() throws IOException {
    CommandRun check =
        SmallRun.in(directory)
            .check("adapter={ use: dora, init: pissa, layers: [9], rank-pattern: { up_proj: 2 } }");
    assertThat(check.exitCode()).isEqualTo(2);
    assertThat(check.err())
        .contains(
            "adapter.init: is not default, must be under dora",
            "adapter.layers: this model has no layer 9, but 3 layers",
            "adapter.rank-pattern: 'up_proj' matches no wrapped projection");
    CommandRun pattern =
        SmallRun.in(directory).check("adapter={ use: lora, rank-pattern: { q_proj: 0 } }");
    assertThat(pattern.err())
        .contains("rank-pattern.q_proj is 0, must be a whole number of at least 1");
  }

  private SmallRun trained(String adapter) throws IOException {
    SmallRun run = SmallRun.in(directory);
    CommandRun train = run.train(adapter);
    assertThat(train.exitCode()).as(train.err()).isZero();
    return run;
  }
}
