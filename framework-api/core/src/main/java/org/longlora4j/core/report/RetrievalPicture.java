package org.longlora4j.core.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.samskivert.mustache.Mustache;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.evaluate.Passkey;
import org.longlora4j.core.tensor.AtomicFile;

/**
 * A heat map of passkey retrieval as an SVG file: lengths across, depths downwards, each cell with
 * its accuracy.
 */
public final class RetrievalPicture {
  private static final int LEFT = 90;
  private static final int TOP = 56;
  private static final int CELL_WIDTH = 76;
  private static final int CELL_HEIGHT = 34;
  private static final int[] NONE_FOUND = {0xf7, 0xf3, 0xe8};
  private static final int[] ALL_FOUND = {0x0b, 0x4f, 0x8a};
  private static final double DARK = 0.5; // a share from which on the text is light

  private final Drawing drawing;

  /** All that the template puts into the file. */
  private record Drawing(
      int width,
      int height,
      int middle,
      List<Label> lengths,
      List<Label> depths,
      List<Cell> cells) {}

  private record Label(int x, int y, String text) {}

  private record Cell(
      int x,
      int y,
      int width,
      int height,
      int textX,
      int textY,
      String colour,
      String ink,
      String value,
      String text) {}

  private RetrievalPicture(Drawing drawing) {
    this.drawing = drawing;
  }

  /**
   * The picture of what was measured.
   *
   * @param results of at least one length
   */
  public static RetrievalPicture of(List<Passkey.Result> results) {
    List<Integer> lengths =
        results.stream().map(Passkey.Result::length).distinct().sorted().toList();
    List<OptionalDouble> depths =
        results.stream()
            .map(Passkey.Result::depth)
            .distinct()
            .sorted((a, b) -> Double.compare(a.orElse(-1), b.orElse(-1)))
            .toList();
    List<Cell> cells = new ArrayList<>();
    for (Passkey.Result result : results) {
      cells.add(
          cell(
              result,
              LEFT + lengths.indexOf(result.length()) * CELL_WIDTH,
              TOP + depths.indexOf(result.depth()) * CELL_HEIGHT));
    }
    int width = LEFT + Math.max(2, lengths.size()) * CELL_WIDTH;
    int bottom = TOP + depths.size() * CELL_HEIGHT;
    return new RetrievalPicture(
        new Drawing(
            width + 12,
            bottom + 46,
            (LEFT + width) / 2,
            IntStream.range(0, lengths.size())
                .mapToObj(
                    i ->
                        new Label(
                            LEFT + i * CELL_WIDTH + CELL_WIDTH / 2,
                            bottom + 18,
                            Figures.count(lengths.get(i))))
                .toList(),
            IntStream.range(0, depths.size())
                .mapToObj(
                    i -> new Label(LEFT - 8, TOP + i * CELL_HEIGHT + 22, depth(depths.get(i))))
                .toList(),
            cells));
  }

  private static String depth(OptionalDouble depth) {
    return depth.isPresent() ? Figures.percent(depth.getAsDouble()) : "random";
  }

  private static Cell cell(Passkey.Result result, int x, int y) {
    double share = result.accuracy();
    return new Cell(
        x + 1,
        y + 1,
        CELL_WIDTH - 2,
        CELL_HEIGHT - 2,
        x + CELL_WIDTH / 2,
        y + 22,
        colour(share),
        share < DARK ? "#1b1f26" : "#ffffff",
        String.format(Locale.ROOT, "%.2f", share),
        "%s tokens, depth %s: %d of %d"
            .formatted(
                Figures.count(result.length()),
                depth(result.depth()),
                result.found(),
                result.trials()));
  }

  private static String colour(double share) {
    int mixed = 0;
    for (int i = 0; i < NONE_FOUND.length; i++) {
      long part = Math.round(NONE_FOUND[i] + share * (ALL_FOUND[i] - NONE_FOUND[i]));
      mixed = mixed << 8 | (int) part;
    }
    return "#%06x".formatted(mixed);
  }

  /** The file's content. */
  String toSvg() {
    try (InputStream in = RetrievalPicture.class.getResourceAsStream("retrieval.mustache");
        Reader template = new InputStreamReader(in, UTF_8)) {
      return Mustache.compiler().compile(template).execute(drawing);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes the file, over an older one.
   *
   * @param file where
   * @throws InvalidInputException if it cannot be written there
   */
  public void write(Path file) {
    Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file);
    try {
      Files.createDirectories(folder);
      AtomicFile.write(file, toSvg());
    } catch (IOException e) {
      throw new InvalidInputException(file + " cannot be written: " + e.getMessage(), e);
    }
  }
}
