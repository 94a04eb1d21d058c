package org.longlora4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.longlora4j.core.Golden.SERVICES;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.inject.Binder;
import com.google.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.model.ConfigKeys;
import org.longlora4j.api.model.Decoder;
import org.longlora4j.api.model.DecoderNames;
import org.longlora4j.api.model.DecoderOperations;
import org.longlora4j.api.model.DecoderShape;
import org.longlora4j.api.model.LayerProjections;
import org.longlora4j.api.model.ModelFamily;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.Golden;
import org.longlora4j.core.model.family.LlamaFamily;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.LoadedPlugin;
import org.longlora4j.core.plugin.PluginFailedException;

/** Families that plugins bring, good ones and faulty ones. */
class ModelFamiliesTest {
  private static final String PLUGIN = "families 1.2 (families.jar)";

  @TempDir private Path folder;

  /** A Llama under another name. */
  static class Cousin implements ModelFamily {
    @Inject
    Cousin() {}

    @Override
    public String architecture() {
      return "CousinForCausalLM";
    }

    @Override
    public Decoder read(ConfigKeys config) {
      return new LlamaFamily().read(config);
    }
  }

  static final class Throwing extends Cousin {
    @Inject
    Throwing() {}

    @Override
    public Decoder read(ConfigKeys config) {
      throw new IllegalStateException("no such thing");
    }
  }

  /** Lists a module twice. */
  static final class Doubling extends Cousin {
    @Inject
    Doubling() {}

    @Override
    public Decoder read(ConfigKeys config) {
      return new Changed(super.read(config)) {
        @Override
        public List<ModelModule> modules() {
          List<ModelModule> modules = new ArrayList<>(super.modules());
          modules.add(modules.get(1));
          modules.remove(0);
          return modules;
        }
      };
    }
  }

  /** Projects by a module that it does not list. */
  static final class Reaching extends Cousin {
    @Inject
    Reaching() {}

    @Override
    public Decoder read(ConfigKeys config) {
      return new Changed(super.read(config)) {
        @Override
        public NDArray layer(int index, NDArray hidden, DecoderOperations operations) {
          return operations.project(hidden, "model.layers.0.mlp.gate");
        }
      };
    }
  }

  /** Attends in an MLP. */
  static final class AttendingTwice extends Cousin {
    @Inject
    AttendingTwice() {}

    @Override
    public Decoder read(ConfigKeys config) {
      return new Changed(super.read(config)) {
        @Override
        public NDArray layer(int index, NDArray hidden, DecoderOperations operations) {
          return operations.mlp(hidden, hidden, (x, parts) -> parts.attend(index, x, x, x));
        }
      };
    }
  }

  private static class Changed implements Decoder {
    private final Decoder decoder;

    Changed(Decoder decoder) {
      this.decoder = decoder;
    }

    @Override
    public DecoderShape shape() {
      return decoder.shape();
    }

    @Override
    public DecoderNames names() {
      return decoder.names();
    }

    @Override
    public LayerProjections projections() {
      return decoder.projections();
    }

    @Override
    public List<ModelModule> modules() {
      return decoder.modules();
    }

    @Override
    public NDArray layer(int index, NDArray hidden, DecoderOperations operations) {
      return decoder.layer(index, hidden, operations);
    }

    @Override
    public NDArray finalNorm(NDArray hidden, DecoderOperations operations) {
      return decoder.finalNorm(hidden, operations);
    }
  }

  private record Families(Class<? extends ModelFamily> family) implements Plugin {
    @Override
    public void configure(Binder binder) {
      new ExtensionBinder(binder).bind(ModelFamily.class, "llama-cousin", family);
    }
  }

  private static ExtensionRegistry registry(Class<? extends ModelFamily> family) {
    return new ExtensionRegistry(
        List.of(new LoadedPlugin(new Families(family), "families", "1.2", "families.jar")));
  }

  private Checkpoint open(ExtensionRegistry registry) throws IOException {
    ObjectNode config =
        (ObjectNode)
            new ObjectMapper().readTree(Golden.model("llama").resolve("config.json").toFile());
    config.put("model_type", "llama_cousin").putArray("architectures").add("CousinForCausalLM");
    Files.writeString(folder.resolve("config.json"), config.toString());
    if (!Files.exists(folder.resolve("model.safetensors"))) {
      Files.copy(
          Golden.model("llama").resolve("model.safetensors"), folder.resolve("model.safetensors"));
    }
    return Checkpoint.open(folder, new ModelFamilies(registry), QuantizedFormats.NONE);
  }

  private float[] logits(Checkpoint checkpoint) {
    Composition composition = Composition.asItStands(checkpoint.config(), Precision.FLOAT32);
    try (CausalLanguageModel model = new ModelLoader(SERVICES).load(checkpoint, composition);
        DenseForward forward = new DenseForward(model, SERVICES)) {
      return forward.run(Golden.tokens("llama"), hidden -> model.logits(hidden).toFloatArray());
    }
  }

  @Test
  void aPluginsFamilyRunsItsModels() throws IOException {
    try (Checkpoint cousin = open(registry(Cousin.class));
        Checkpoint llama = Checkpoint.open(Golden.model("llama"))) {
      assertThat(cousin.config().modelType()).isEqualTo("llama_cousin");
      assertThat(logits(cousin)).isEqualTo(logits(llama));
    }
  }

  @Test
  void withoutThePluginItsModelsAreRefused() {
    assertThatThrownBy(() -> open(new ExtensionRegistry(List.of())))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(
            folder.resolve("config.json") + ": model_type: is 'llama_cousin', must be of a family");
  }

  @Test
  void aFamilyThatFailsIsNamedWithItsPlugin() {
    assertThatThrownBy(() -> open(registry(Throwing.class)))
        .isInstanceOf(PluginFailedException.class)
        .hasMessage(
            "The model family 'llama-cousin' of the plugin %s cannot read %s:"
                    .formatted(PLUGIN, folder.resolve("config.json"))
                + " java.lang.IllegalStateException: no such thing");
  }

  @Test
  void aDecoderThatCannotBeIsNamedWithItsPluginAndAllThatIsWrong() {
    assertThatThrownBy(() -> open(registry(Doubling.class)))
        .isInstanceOf(PluginFailedException.class)
        .hasMessage(
            "The model family 'llama-cousin' of the plugin %s describes no decoder for %s:"
                    .formatted(PLUGIN, folder.resolve("config.json"))
                + " the module model.layers.0.input_layernorm is there twice;"
                + " model.embed_tokens is no module of the kind EMBEDDING");
  }

  @Test
  void aModuleThatTheDecoderDoesNotListIsNamedAndSoIsThePluginAtFault() throws IOException {
    ExtensionRegistry registry = registry(Reaching.class);
    try (Checkpoint checkpoint = open(registry)) {
      assertThatThrownBy(() -> logits(checkpoint))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the decoder asks for model.layers.0.mlp.gate, which is not among its modules of the"
                  + " kind PROJECTION")
          .satisfies(
              failure ->
                  assertThat(registry.responsible(failure).orElseThrow().description())
                      .isEqualTo(PLUGIN));
    }
  }

  @Test
  void anMlpThatAttendsIsRefused() throws IOException {
    try (Checkpoint checkpoint = open(registry(AttendingTwice.class))) {
      assertThatThrownBy(() -> logits(checkpoint))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("attention is where it cannot be: behind the last layer, or in an MLP");
    }
  }
}
