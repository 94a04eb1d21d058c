package org.longlora4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.TensorFile;

class SafetensorsHeaderTest {
  @TempDir private Path folder;

  @Test
  void aPickleIsRefusedByName() throws IOException {
    byte[] zip = {'P', 'K', 3, 4, 0, 0, 8, 8, 0, 0};
    byte[] pickle = {(byte) 0x80, 2, 'c', 't', 'o', 'r', 'c', 'h', '\n'};
    for (byte[] start : new byte[][] {zip, pickle}) {
      Path file = Files.write(folder.resolve("pytorch_model.bin"), start);
      assertThatThrownBy(() -> SafetensorsFile.open(file))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith(file + " is a pickle");
    }
  }

  @Test
  void aHeaderWhoseLengthBeginsLikeAPickleIsRead() throws IOException {
    for (int length : new int[] {0x80, 'P' + ('K' << 8)}) {
      String json = "{\"__metadata__\": {\"format\": \"pt\"}}";
      String padded = json + " ".repeat(length - json.length());
      ByteBuffer bytes = ByteBuffer.allocate(8 + length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.putLong(length).put(padded.getBytes(StandardCharsets.UTF_8));
      Path file = Files.write(folder.resolve("model.safetensors"), bytes.array());
      try (TensorFile read = SafetensorsFile.open(file)) {
        assertThat(read.metadata()).isEqualTo(Map.of("format", "pt"));
      }
    }
  }
}
