package org.longlora4j.core.tensor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;

class SafetensorsWriterTest {
  private static final Path GOLDEN =
      Path.of("src/test/resources/golden/models/llama/model.safetensors");

  @TempDir private Path folder;

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static long headerBytes(byte[] file) {
    return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  @Test
  void everyElementTypeAndShapeComesBack() throws IOException {
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    for (ElementType type : ElementType.values()) {
      entries.put(type + ".matrix", new TensorEntry(type, new Shape(2, 3)));
      entries.put(type + ".scalar", new TensorEntry(type, new Shape()));
      entries.put(type + ".empty", new TensorEntry(type, new Shape(0, 4)));
    }
    Path path = folder.resolve("all.safetensors");
    Map<String, byte[]> written = new LinkedHashMap<>();
    try (SafetensorsWriter file =
        new SafetensorsWriter(path, Map.of("format", "pt", "title", "Größe \"1\""), entries)) {
      for (Map.Entry<String, TensorEntry> entry : entries.entrySet()) {
        byte[] content = new byte[(int) entry.getValue().bytes()];
        Arrays.fill(content, (byte) (written.size() - 20));
        file.begin(entry.getKey());
        file.write(ByteBuffer.wrap(content));
        written.put(entry.getKey(), content);
      }
      file.commit();
    }
    try (TensorFile read = SafetensorsFile.open(path)) {
      assertThat(read.path()).isEqualTo(path);
      assertThat(read.metadata())
          .containsOnly(Map.entry("format", "pt"), Map.entry("title", "Größe \"1\""));
      assertThat(read.entries()).containsExactlyInAnyOrderEntriesOf(entries);
      written.forEach((name, content) -> assertThat(bytes(read.bytes(name))).isEqualTo(content));
    }
  }

  @ParameterizedTest
  @CsvSource({"a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh"})
  void theDataStartsOnAMultipleOfEightBytes(String name) throws IOException {
    Path path = folder.resolve("one.safetensors");
    try (SafetensorsWriter file =
        new SafetensorsWriter(
            path, Map.of(), Map.of(name, new TensorEntry(ElementType.U8, new Shape(1))))) {
      file.begin(name);
      file.write(ByteBuffer.wrap(new byte[] {7}));
      file.commit();
    }
    byte[] content = Files.readAllBytes(path);
    assertThat(headerBytes(content) % 8).isZero();
    assertThat(new String(content, 8, (int) headerBytes(content), UTF_8)).startsWith("{");
    assertThat(content[content.length - 1]).isEqualTo((byte) 7);
  }

  @Test
  void everyTensorLiesOnAMultipleOfItsElementsSizeInWhateverOrderTheyCome() throws IOException {
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    entries.put("odd", new TensorEntry(ElementType.U8, new Shape(3)));
    entries.put("half", new TensorEntry(ElementType.BF16, new Shape(1)));
    entries.put("wide", new TensorEntry(ElementType.F64, new Shape(1)));
    entries.put("single", new TensorEntry(ElementType.F32, new Shape(3)));
    Path path = folder.resolve("mixed.safetensors");
    try (SafetensorsWriter file =
        new SafetensorsWriter(path, Map.of(), entries, Set.of("note", "other note"))) {
      file.text("other note", "seven".getBytes(UTF_8));
      for (String name : List.of("half", "odd", "single", "wide")) {
        byte[] content = new byte[(int) entries.get(name).bytes()];
        Arrays.fill(content, (byte) name.length());
        file.begin(name);
        file.write(ByteBuffer.wrap(content));
      }
      assertThatIllegalStateException()
          .isThrownBy(file::commit)
          .withMessage("note was never written");
      file.text("note", "{\"a\": 1}".getBytes(UTF_8));
      file.commit();
    }
    byte[] content = Files.readAllBytes(path);
    try (TensorFile read = SafetensorsFile.open(path)) {
      assertThat(read.entries().keySet())
          .containsExactly("wide", "single", "half", "odd", "other note", "note");
      assertThat(bytes(read.bytes("single"))).containsOnly(6);
      assertThat(bytes(read.bytes("odd"))).containsOnly(3);
      assertThat(bytes(read.bytes("note"))).isEqualTo("{\"a\": 1}".getBytes(UTF_8));
      assertThat(read.entries().get("note"))
          .isEqualTo(new TensorEntry(ElementType.U8, new Shape(8)));
    }
    assertThat(headerBytes(content) % 8).isZero();
  }

  @Test
  void aFileOfTheReferenceImplementationIsWrittenAgainWithTheSameData() throws IOException {
    Path path = folder.resolve("again.safetensors");
    try (TensorFile read = SafetensorsFile.open(GOLDEN);
        SafetensorsWriter file = new SafetensorsWriter(path, read.metadata(), read.entries())) {
      assertThat(read.metadata()).containsExactly(Map.entry("format", "pt"));
      for (String name : read.entries().keySet()) {
        file.begin(name);
        file.write(read.bytes(name));
      }
      file.commit();
    }
    assertThat(path).hasSameBinaryContentAs(GOLDEN);
  }

  @Test
  void theOldFileStandsUntilTheNewOneIsWhole() throws IOException {
    Path path = Files.writeString(folder.resolve("model.safetensors"), "old");
    Map<String, TensorEntry> entries = Map.of("x", new TensorEntry(ElementType.F32, new Shape(2)));
    try (SafetensorsWriter file = new SafetensorsWriter(path, Map.of(), entries)) {
      file.begin("x");
      file.write(ByteBuffer.allocate(4));
      assertThatIllegalStateException().isThrownBy(file::commit).withMessage("x lacks 4 bytes");
      assertThat(path).hasContent("old");
    }
    assertThat(path).hasContent("old");
    assertThat(folder).isDirectoryNotContaining(other -> !other.equals(path));
  }

  @Test
  void tensorsMustComeOnceAndInTheirSize() throws IOException {
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    entries.put("x", new TensorEntry(ElementType.F32, new Shape(2)));
    entries.put("y", new TensorEntry(ElementType.U8, new Shape(1)));
    try (SafetensorsWriter file =
        new SafetensorsWriter(folder.resolve("model.safetensors"), Map.of(), entries)) {
      file.begin("x");
      assertThatIllegalStateException()
          .isThrownBy(() -> file.write(ByteBuffer.allocate(9)))
          .withMessage("x gets more bytes than it has");
    }
    try (SafetensorsWriter file =
        new SafetensorsWriter(folder.resolve("model.safetensors"), Map.of(), entries)) {
      file.begin("x");
      assertThatIllegalStateException()
          .isThrownBy(() -> file.begin("y"))
          .withMessage("x lacks 8 bytes");
      file.write(ByteBuffer.allocate(8));
      assertThatIllegalStateException().isThrownBy(file::commit).withMessage("y was never written");
    }
    try (SafetensorsWriter file =
        new SafetensorsWriter(folder.resolve("model.safetensors"), Map.of(), entries)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> file.begin("z"))
          .withMessage("z is not a tensor that is due");
      file.begin("y");
      file.write(ByteBuffer.allocate(1));
      assertThatIllegalStateException()
          .isThrownBy(() -> file.begin("y"))
          .withMessage("y is not a tensor that is due");
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void partOfATensorIsReadAndNoMoreThanIt() {
    try (TensorFile read = SafetensorsFile.open(GOLDEN)) {
      String name = "model.norm.weight";
      byte[] whole = bytes(read.bytes(name));
      assertThat(bytes(read.bytes(name, 4, 8))).isEqualTo(Arrays.copyOfRange(whole, 4, 12));
      assertThat(read.bytes(name).order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
      assertThatThrownBy(() -> read.bytes(name, whole.length - 4L, 8))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> read.bytes("model.norm.bias"))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith(GOLDEN + " has no tensor 'model.norm.bias'; it has [lm_head.");
    }
  }
}
