package org.longlora4j.core.tensor;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.core.Golden;

class TorchArchiveTest {
  @TempDir private Path directory;

  @Test
  void tensorsOfEveryKindAreRead() throws URISyntaxException {
    try (TorchArchive file = TorchArchive.open(file("kinds.bin"));
        NDManager owner = Golden.SERVICES.engine().newManager()) {
      assertThat(file.entries())
          .containsExactly(
              Map.entry("half", new TensorEntry(ElementType.F16, new Shape(1, 2))),
              Map.entry("bfloat16", new TensorEntry(ElementType.BF16, new Shape(3))),
              Map.entry("double", new TensorEntry(ElementType.F64, new Shape(1))),
              Map.entry("long", new TensorEntry(ElementType.I64, new Shape(2))),
              Map.entry("int", new TensorEntry(ElementType.I32, new Shape(1))),
              Map.entry("byte", new TensorEntry(ElementType.U8, new Shape(1))),
              Map.entry("bool", new TensorEntry(ElementType.BOOL, new Shape(2))),
              Map.entry("part", new TensorEntry(ElementType.F32, new Shape(2, 3))),
              Map.entry("scalar", new TensorEntry(ElementType.F32, new Shape())),
              Map.entry("parameter", new TensorEntry(ElementType.F32, new Shape(1))));
      TensorReader reader = new TensorReader(Golden.SERVICES.compiler());
      assertThat(reader.read(file, "half", Precision.FLOAT32, owner).toFloatArray())
          .containsExactly(1.5f, -2);
      assertThat(reader.read(file, "bfloat16", Precision.FLOAT32, owner).toFloatArray())
          .containsExactly(1.5f, -2, 3);
      assertThat(reader.read(file, "double", Precision.FLOAT32, owner).getFloat(0))
          .isCloseTo(0.1f, within(1e-8f));
      assertThat(reader.read(file, "part", Precision.FLOAT32, owner).toFloatArray())
          .containsExactly(4, 5, 6, 7, 8, 9);
      assertThat(reader.read(file, "scalar", Precision.FLOAT32, owner).toFloatArray())
          .containsExactly(2.5f);
      assertThat(reader.read(file, "parameter", Precision.FLOAT32, owner).toFloatArray())
          .containsExactly(4);
      assertThat(file.bytes("long").getLong(0)).isEqualTo(1L << 40);
      assertThat(file.bytes("part", 8, 8).asFloatBuffer().get(1)).isEqualTo(7);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          code.bin   | it calls Python's 'posix.system', which tensors do not need; nothing was called
          module.bin | it has the instruction 0x81, which tensors do not need
          other.bin  | under 'epoch' it holds no tensor
          turned.bin | it holds a tensor whose elements do not lie one after another
          """)
  void whatIsMoreThanATableOfTensorsIsRefusedUnexecuted(String name, String reason)
      throws URISyntaxException {
    Path file = file(name);
    assertThatThrownBy(() -> TorchArchive.open(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(file + ": of a pickle only named tensors are read, but " + reason);
  }

  @Test
  void theFormatBeforePyTorch16IsRefusedWithTheCommandThatRewritesIt() throws URISyntaxException {
    assertThatThrownBy(() -> TorchArchive.open(file("old.bin")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "python -c \"import torch; torch.save(torch.load('old.bin', weights_only=True),"
                + " 'old.bin')\"");
    Path missing = directory.resolve("missing.bin");
    assertThatThrownBy(() -> TorchArchive.open(missing))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(missing + " does not exist.");
  }

  /** Every byte of the table replaced and every place cut: a refusal, never another failure. */
  @Test
  void aBrokenTableIsRefusedWhereverItIsBroken() throws IOException, URISyntaxException {
    byte[] code = pickle();
    TensorPickle.read(code);
    for (int at = 0; at < code.length; at++) {
      for (byte value : new byte[] {0, '(', 'R', 'b', 'u', 'Q', (byte) 0x8a, (byte) 0xff}) {
        byte[] broken = code.clone();
        broken[at] = value;
        readOrRefuse(broken);
      }
      readOrRefuse(Arrays.copyOf(code, at));
    }
  }

  private static void readOrRefuse(byte[] code) {
    try {
      TensorPickle.read(code);
    } catch (IllegalArgumentException | ArithmeticException refused) {
      assertThat(refused).hasMessageNotContaining("Exception");
    }
  }

  /** The entries of the zip are stored, so the table can be found in the file as it is. */
  private static byte[] pickle() throws IOException, URISyntaxException {
    byte[] all = Files.readAllBytes(file("kinds.bin"));
    String text = new String(all, ISO_8859_1);
    int begin = text.indexOf("\u0080\u0002ccollections");
    int end = text.indexOf("ssb.", begin) + 3;
    return Arrays.copyOfRange(all, begin, end + 1);
  }

  /** The size that a table claims is compared with the bytes that there are. */
  @Test
  void aTensorLargerThanItsNumbersIsRefused() throws IOException, URISyntaxException {
    byte[] all = Files.readAllBytes(file("kinds.bin"));
    String text = new String(all, ISO_8859_1);
    int shapeOfPart = text.indexOf("K\u0004K\u0002K\u0003\u0086");
    byte[] larger = all.clone();
    larger[shapeOfPart + 1] = 100; // the offset
    Path file = directory.resolve("larger.bin");
    Files.write(file, ByteBuffer.wrap(larger).array());
    assertThatThrownBy(() -> TorchArchive.open(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("the numbers of 'part' are not all there");
  }

  private static Path file(String name) throws URISyntaxException {
    return Path.of(TorchArchiveTest.class.getResource(name).toURI());
  }
}
