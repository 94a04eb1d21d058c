package org.longlora4j.core.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PreTokenizersTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** As the tokenizer.json of Llama 3 has it. */
  private static final String LLAMA_3 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static ObjectNode splitting(String pattern) {
    ObjectNode sequence = JSON.createObjectNode().put("type", "Sequence");
    ObjectNode split =
        sequence
            .putArray("pretokenizers")
            .addObject()
            .put("type", "Split")
            .put("behavior", "Isolated")
            .put("invert", false);
    split.putObject("pattern").put("Regex", pattern);
    sequence
        .withArrayProperty("pretokenizers")
        .addObject()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("use_regex", false);
    return sequence;
  }

  @Test
  void aPatternHasANameTogetherWithWhetherWholeWordsAreTakenUnmerged() {
    assertThat(PreTokenizers.name(splitting(LLAMA_3), true)).contains("llama-bpe");
    assertThat(PreTokenizers.name(splitting(LLAMA_3), false)).contains("smaug-bpe");
    String qwen2 = LLAMA_3.replace("{1,3}", "");
    assertThat(PreTokenizers.name(splitting(qwen2), false)).contains("qwen2");
    assertThat(PreTokenizers.name(splitting(qwen2), true)).isEmpty();
    assertThat(PreTokenizers.name(splitting("\\s+"), false)).isEmpty();
  }

  @Test
  void gpt2sOwnWayMayCutDigitsApart() throws IOException {
    String bytes = "{\"type\": \"ByteLevel\", \"add_prefix_space\": %s}";
    assertThat(PreTokenizers.name(JSON.readTree(bytes.formatted(false)), false)).contains("gpt-2");
    assertThat(PreTokenizers.name(JSON.readTree(bytes.formatted(true)), false)).isEmpty();
    String sequence =
        "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Digits\","
            + " \"individual_digits\": true}, %s]}";
    assertThat(PreTokenizers.name(JSON.readTree(sequence.formatted(bytes.formatted(false))), false))
        .contains("smollm");
  }
}
