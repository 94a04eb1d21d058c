package org.longlora4j.plugin.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.data.DataPosition;
import org.longlora4j.core.data.Packing;
import org.longlora4j.core.data.RowStream;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.SafetensorsWriter;
import org.longlora4j.core.tensor.TensorReader;

class TokenRowsTest {
  private static final TensorEntry WIDE = new TensorEntry(ElementType.I64, new Shape(3, 2));
  private static final TensorEntry NARROW = new TensorEntry(ElementType.I32, new Shape(3, 2));
  private static final TensorEntry FLAT = new TensorEntry(ElementType.I64, new Shape(6));

  @TempDir private Path folder;

  @Test
  void theServiceLoaderFindsThePlugin() {
    assertThat(
            ExtensionRegistry.onClassPath(TokenRowsTest.class.getClassLoader())
                .find(DocumentSource.class, "token-rows"))
        .isPresent();
  }

  @Test
  void rowsComeAsTheyStandWithTheirOrigin() throws IOException {
    for (TensorEntry entry : List.of(WIDE, NARROW)) {
      Path file = write(Map.of("data", entry), 0, 1, 2, 3, 4, 5);
      List<Document.Row> rows = rows(source(file, Optional.of("data"), false));
      assertThat(rows).extracting(Document.Row::tokens).containsExactly(pairs(0, 1, 2, 3, 4, 5));
      assertThat(rows)
          .extracting(Document.Row::origin)
          .containsExactly(
              "rows.safetensors: data row 0",
              "rows.safetensors: data row 1",
              "rows.safetensors: data row 2");
    }
  }

  @Test
  void theOnlyTensorOfItsKindNeedNoNaming() throws IOException {
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    entries.put("flat", FLAT);
    entries.put("data", NARROW);
    Path file = write(entries, 9, 9, 9, 9, 9, 9, 0, 1, 2, 3, 4, 5);
    assertThat(rows(source(file, Optional.empty(), false)))
        .extracting(Document.Row::tokens)
        .containsExactly(pairs(0, 1, 2, 3, 4, 5));
  }

  @Test
  void severalTensorsOrNoneThatCouldBeMeantAreListed() throws IOException {
    Map<String, TensorEntry> two = new LinkedHashMap<>();
    two.put("train", WIDE);
    two.put("test", NARROW);
    Path both = write(two, new int[12]);
    assertThatThrownBy(() -> source(both, Optional.empty(), false).open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            both
                + " has 2 two-dimensional tensors of I64 or I32. Name one with 'tensor': it has"
                + " train I64 (3, 2), test I32 (3, 2)");
    Path none = write(Map.of("flat", FLAT), new int[6]);
    assertThatThrownBy(() -> source(none, Optional.empty(), false).open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("has no two-dimensional tensors")
        .hasMessageEndingWith("it has flat I64 (6)");
  }

  @Test
  void aTensorThatIsMissingOrHoldsNoRowsOfTokensIsRefused() throws IOException {
    Path file = write(Map.of("flat", FLAT), new int[6]);
    assertThatThrownBy(() -> source(file, Optional.of("data"), false).open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(file + " has no tensor 'data'; it has flat I64 (6)");
    assertThatThrownBy(() -> source(file, Optional.of("flat"), false).open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("tensor 'flat' is I64 (6); rows of tokens are");
    Path floats =
        write(Map.of("data", new TensorEntry(ElementType.F32, new Shape(3, 2))), new int[6]);
    assertThatThrownBy(() -> source(floats, Optional.of("data"), false).open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("tensor 'data' is F32 (3, 2)");
    Path empty = write(Map.of("data", new TensorEntry(ElementType.I32, new Shape(0, 2))));
    assertThatThrownBy(() -> source(empty, Optional.of("data"), false).open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("holds no token");
    assertThatThrownBy(() -> source(folder.resolve("none"), Optional.of("data"), false).open(0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("does not exist");
  }

  @Test
  void aNumberThatIsNoTokenIsNamedWithItsPlace() throws IOException {
    for (TensorEntry entry : List.of(WIDE, NARROW)) {
      Path file = write(Map.of("data", entry), 0, 1, 2, -100, 4, 5);
      assertThatThrownBy(() -> rows(source(file, Optional.empty(), false)))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith(
              file + ": tensor 'data', row 1, column 1, counted from 0: -100 is no token id.");
    }
  }

  @Test
  void shufflingDependsOnSeedAndEpochAlone() throws IOException {
    int[] numbers = IntStream.range(0, 200).toArray();
    Path file = write(Map.of("data", new TensorEntry(ElementType.I32, new Shape(100, 2))), numbers);
    DocumentSource source = source(file, Optional.empty(), true);
    List<String> first = origins(source, 0, 42);
    assertThat(origins(source, 0, 42)).isEqualTo(first);
    assertThat(first).hasSize(100).doesNotHaveDuplicates();
    assertThat(origins(source, 1, 42)).isNotEqualTo(first).hasSameElementsAs(first);
    assertThat(origins(source, 0, 43)).isNotEqualTo(first).hasSameElementsAs(first);
  }

  @Test
  void skippingPassesOverRows() throws IOException {
    Path file = write(Map.of("data", WIDE), 0, 1, 2, 3, 4, 5);
    try (DocumentStream stream = source(file, Optional.empty(), false).open(0, 0)) {
      stream.skip(2);
      assertThat(((Document.Row) stream.next().orElseThrow()).tokens()).containsExactly(4, 5);
      stream.skip(Long.MAX_VALUE / 2);
      assertThat(stream.next()).isEmpty();
    }
  }

  @Test
  void aReferenceRunsRowsReachTheTrainingLoop() throws URISyntaxException {
    Path file =
        Path.of(TokenRowsTest.class.getResource("/golden/run-longlora.safetensors").toURI());
    DocumentSource source = source(file, Optional.of("data"), false);
    try (TensorFile reference = SafetensorsFile.open(file);
        RowStream stream =
            new RowStream(
                source, Optional.empty(), Packing.CONCAT, 256, 42, new DataPosition(0, 3, 0))) {
      int[] all = TensorReader.readIntegers(reference, "data");
      for (int row = 3; row < 15; row++) {
        int start = row % 12 * 256;
        assertThat(stream.next().tokens()).isEqualTo(Arrays.copyOfRange(all, start, start + 256));
      }
      assertThat(stream.position()).isEqualTo(new DataPosition(1, 3, 0));
    }
  }

  private static DocumentSource source(Path file, Optional<String> tensor, boolean shuffle) {
    return new TokenRows(SafetensorsFile::open, new TokenRows.Options(file, tensor, shuffle, true));
  }

  private static List<Document.Row> rows(DocumentSource source) {
    return rows(source, 0, 0);
  }

  private static List<Document.Row> rows(DocumentSource source, int epoch, long seed) {
    List<Document.Row> rows = new ArrayList<>();
    try (DocumentStream stream = source.open(epoch, seed)) {
      for (Optional<Document> next = stream.next(); next.isPresent(); next = stream.next()) {
        rows.add((Document.Row) next.get());
      }
    }
    return rows;
  }

  private static List<String> origins(DocumentSource source, int epoch, long seed) {
    return rows(source, epoch, seed).stream().map(Document.Row::origin).toList();
  }

  private static int[][] pairs(int... numbers) {
    return IntStream.range(0, numbers.length / 2)
        .mapToObj(i -> new int[] {numbers[2 * i], numbers[2 * i + 1]})
        .toArray(int[][]::new);
  }

  /** Writes tensors that hold the numbers one after another. */
  private Path write(Map<String, TensorEntry> entries, int... numbers) throws IOException {
    Path file = folder.resolve("rows.safetensors");
    int written = 0;
    try (SafetensorsWriter writer = new SafetensorsWriter(file, Map.of(), entries)) {
      for (Map.Entry<String, TensorEntry> entry : entries.entrySet()) {
        ByteBuffer bytes =
            ByteBuffer.allocate((int) entry.getValue().bytes()).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
          if (entry.getValue().type() == ElementType.I64) {
            bytes.putLong(numbers[written++]);
          } else {
            bytes.putInt(numbers[written++]);
          }
        }
        writer.begin(entry.getKey());
        writer.write(bytes.flip());
      }
      writer.commit();
    }
    return file;
  }
}
