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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.TensorFile;

class SafetensorsHeaderTest {
  @TempDir private Path folder;

  private Path write(long headerBytes, String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(headerBytes).put(json);
    return Files.write(folder.resolve("model.safetensors"), bytes.array());
  }

  private static void assertRefused(Path file, String message) {
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(file + message);
  }

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

  @Test
  void whatIsNoFileIsRefused() {
    assertRefused(folder.resolve("model.safetensors"), " does not exist.");
    assertRefused(folder, " is not a file.");
  }

  @Test
  void anEmptyFileIsRefused() throws IOException {
    Path file = Files.createFile(folder.resolve("model.safetensors"));
    assertRefused(
        file,
        " is not a whole safetensors file: it has 0 bytes; even an empty one has more than 8.");
  }

  @Test
  void aGitLfsPointerIsRefusedByName() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("model.safetensors"),
            "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 300\n");
    assertRefused(
        file,
        " is a Git LFS pointer, not the file itself. Fetch it by git lfs pull, or download it"
            + " again.");
  }

  @Test
  void aHeaderLongerThanTheFileIsRefused() throws IOException {
    assertRefused(
        write(100, "{}", 0),
        " is not a whole safetensors file: it is truncated: the header alone needs 108 bytes, the"
            + " file has 10.");
    assertRefused(
        write(-1, "{}", 0),
        " is not a whole safetensors file: its first 8 bytes give a header of -1 bytes.");
  }

  @Test
  void aHeaderThatIsNoJsonObjectIsRefused() throws IOException {
    for (String header : new String[] {"{\"x\": ", "{} {}", "{\"x\": {}, \"x\": {}}"}) {
      Path file = write(header.length(), header, 0);
      assertThatThrownBy(() -> SafetensorsFile.open(file))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith(
              file + " is not a whole safetensors file: its header is not JSON (");
    }
    assertRefused(
        write(2, "[]", 0), " is not a whole safetensors file: its header is not a JSON object.");
  }

  private static String tensor(String dtype, String shape, String offsets) {
    return "{\"dtype\": \"%s\", \"shape\": %s, \"data_offsets\": %s}"
        .formatted(dtype, shape, offsets);
  }

  static Stream<Arguments> mistakes() {
    String x = "{\"x\": " + tensor("F32", "[2]", "[0, 8]");
    return Stream.of(
        Arguments.of(x + "}", 4, "it is truncated: the header describes 77 bytes, the file has 73"),
        Arguments.of(x + "}", 9, "it is too long: the header describes 77 bytes, the file has 78"),
        Arguments.of(
            "{\"x\": " + tensor("F32", "[2]", "[0, 12]") + "}",
            12,
            "tensor x of F32 (2) needs 8 bytes, its data_offsets are [0,12]"),
        Arguments.of(
            "{\"x\": " + tensor("F32", "[2]", "[0]") + "}",
            8,
            "tensor x of F32 (2) needs 8 bytes, its data_offsets are [0]"),
        Arguments.of(
            "{\"x\": " + tensor("F32", "[2]", "[-8, 0]") + "}",
            8,
            "tensor x of F32 (2) needs 8 bytes, its data_offsets are [-8,0]"),
        Arguments.of(
            x + ", \"y\": " + tensor("U8", "[4]", "[12, 16]") + "}",
            16,
            "tensor y starts at byte 12 of the data, which leaves a hole from byte 8"),
        Arguments.of(
            x + ", \"y\": " + tensor("U8", "[8]", "[4, 12]") + "}",
            12,
            "tensor y starts at byte 4 of the data, inside another that ends at byte 8"),
        Arguments.of(
            "{\"x\": " + tensor("F4", "[2]", "[0, 1]") + "}",
            1,
            "tensor x has the unknown dtype 'F4'"),
        Arguments.of(
            "{\"x\": " + tensor("F32", "[-2]", "[0, 8]") + "}", 8, "tensor x has the shape [-2]"),
        Arguments.of(
            "{\"x\": " + tensor("F32", "[1.5]", "[0, 8]") + "}", 8, "tensor x has the shape [1.5]"),
        Arguments.of(
            "{\"x\": " + tensor("U8", "[4294967296, 4294967296]", "[0, 0]") + "}",
            0,
            "tensor x has the shape [4294967296,4294967296]"),
        Arguments.of("{\"x\": " + tensor("F32", "2", "[0, 8]") + "}", 8, "tensor x has no shape"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void whatTheHeaderSaysMustFitTheFile(String header, int dataBytes, String message)
      throws IOException {
    assertRefused(
        write(header.length(), header, dataBytes),
        " is not a whole safetensors file: " + message + ".");
  }

  @Test
  void tensorsMayLieInAnotherOrderThanTheirNames() throws IOException {
    String header =
        "{\"a\": %s, \"b\": %s}"
            .formatted(tensor("U8", "[1]", "[2, 3]"), tensor("U8", "[2]", "[0, 2]"));
    try (TensorFile read = SafetensorsFile.open(write(header.length(), header, 3))) {
      assertThat(read.entries()).containsOnlyKeys("a", "b");
      assertThat(read.metadata()).isEmpty();
    }
  }
}
