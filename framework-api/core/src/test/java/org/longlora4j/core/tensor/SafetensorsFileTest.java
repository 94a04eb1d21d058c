package org.longlora4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.core.Golden;

class SafetensorsFileTest {
  private static final String TENSOR = "model.layers.1.mlp.up_proj.weight";

  @TempDir private Path folder;

  private static Path weights() {
    return Golden.model("llama").resolve("model.safetensors");
  }

  @Test
  void readBytesEqualMappedOnes() {
    try (SafetensorsFile mapped = SafetensorsFile.open(weights());
        SafetensorsFile read = SafetensorsFile.openUnmapped(weights())) {
      assertThat(read.bytes(TENSOR)).isEqualTo(mapped.bytes(TENSOR));
      assertThat(read.bytes(TENSOR, 12, 40)).isEqualTo(mapped.bytes(TENSOR, 12, 40));
      assertThat(read.bytes(TENSOR).order()).isEqualTo(mapped.bytes(TENSOR).order());
    }
  }

  @Test
  void aFileThatIsCutOffWhileItIsReadIsNamed() throws IOException {
    Path file = Files.copy(weights(), folder.resolve("model.safetensors"));
    try (SafetensorsFile read = SafetensorsFile.openUnmapped(file)) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(100);
      }
      assertThatThrownBy(() -> read.bytes(TENSOR))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining(file.toString());
    }
  }
}
