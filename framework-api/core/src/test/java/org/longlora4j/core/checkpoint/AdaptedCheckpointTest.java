package org.longlora4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.longlora4j.core.Golden.SERVICES;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.inject.Binder;
import com.google.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longlora4j.api.adapter.AdapterFormat;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.core.Golden;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.LoadedPlugin;

class AdaptedCheckpointTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path adapter;

  @BeforeEach
  void copyAdapter() throws IOException {
    for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
      Files.copy(Golden.FOLDER.resolve("adapters/lora").resolve(file), adapter.resolve(file));
    }
  }

  /** Trains the head, whatever the adapter says. */
  static final class HeadFormat implements AdapterFormat {
    @Inject
    HeadFormat() {}

    @Override
    public AdapterStrategy read(Map<String, Object> config, Problems problems) {
      return (modules, found) -> new AdapterPlan(Map.of(), Set.of("lm_head"), Optional.of(config));
    }
  }

  /** Options that no one could give. */
  record FormatOptions() {}

  private static AdaptedCheckpoint open(
      String model, Path adapter, Consumer<ExtensionBinder> bindings) {
    Plugin plugin = new BoundPlugin(bindings);
    ExtensionRegistry registry =
        new ExtensionRegistry(List.of(new LoadedPlugin(plugin, "head", "1.0", "head.jar")));
    return AdaptedCheckpoint.open(Golden.model(model), Optional.of(adapter), registry, SERVICES);
  }

  private record BoundPlugin(Consumer<ExtensionBinder> bindings) implements Plugin {
    @Override
    public void configure(Binder binder) {
      bindings.accept(new ExtensionBinder(binder));
    }
  }

  private AdaptedCheckpoint open(String model) {
    return open(
        model, adapter, binder -> binder.bind(AdapterFormat.class, "lora", HeadFormat.class));
  }

  private void writeConfig(String key, String value) throws IOException {
    ObjectNode config =
        (ObjectNode) JSON.readTree(Golden.model("llama").resolve("config.json").toFile());
    config.set(key, JSON.readTree(value));
    JSON.writeValue(adapter.resolve("config.json").toFile(), config);
  }

  @Test
  void theConfigBesideAnAdapterMayDifferInItsLength() throws IOException {
    writeConfig("max_position_embeddings", "2048");
    try (AdaptedCheckpoint opened = open("llama")) {
      assertThat(opened.config().maxPositions()).isEqualTo(2048);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "hidden_size, 32, 64",
    "intermediate_size, 172, 176",
    "num_hidden_layers, 2, 3",
    "num_attention_heads, 8, 4",
    "num_key_value_heads, 4, 2",
    "head_dim, 32, 16",
    "vocab_size, 321, 320",
    "tie_word_embeddings, true, false"
  })
  void theConfigOfAnotherModelBesideAnAdapterIsRefused(String key, String found, String own)
      throws IOException {
    writeConfig(key, found);
    assertThatThrownBy(() -> open("llama"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "%s describes another model than %s: %s is %s, there %s. The adapter was trained on"
                    .formatted(
                        adapter.resolve("config.json"),
                        Golden.model("llama").resolve("config.json"),
                        key,
                        found,
                        own)
                + " another base; name that one.");
  }

  @Test
  void theConfigOfAnotherFamilyBesideAnAdapterIsRefusedWithAllThatDiffers() throws IOException {
    Files.copy(Golden.model("qwen2").resolve("config.json"), adapter.resolve("config.json"));
    assertThatThrownBy(() -> open("llama"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("model_type is qwen2, there llama")
        .hasMessageContaining("modules with a bias is [q_proj, k_proj, v_proj], there []");
  }

  @Test
  void aPlanForAHeadThatATiedBaseDoesNotHaveIsRefused() {
    assertThatThrownBy(() -> open("llama-mha-tied"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "the adapter's plan does not fit the model: lm_head is no module of this model");
  }

  @Test
  void aFormatThatAsksForOptionsIsRefused() {
    assertThatThrownBy(
            () ->
                open(
                    "llama",
                    adapter,
                    binder ->
                        binder.bind(
                            AdapterFormat.class, "lora", HeadFormat.class, FormatOptions.class)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "the adapter format 'lora' of head.jar is bound with the options "
                + FormatOptions.class.getName()
                + ", must be bound without: no recipe names it");
  }
}
