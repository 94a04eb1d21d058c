package org.longlora4j.core.data;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import org.longlora4j.api.data.DocumentOrder;

/**
 * The rows of a {@link RowStream}, a block of them read ahead and given in random order.
 *
 * <p>Rows that follow one another in the data come out of one document, and steps that see one
 * document each learn it instead of the language. Blocks follow one another in the data's order; a
 * row never leaves its block, so no row is given twice or left out. The order within a block
 * depends on the seed and on where the block starts, so that a stream opened at the {@link
 * #position} of another gives what that one has still to give.
 */
public final class ShuffledRows implements AutoCloseable {
  private final RowStream rows;
  private final int blockRows;
  private final long seed;

  private List<Row> block = List.of();
  private int[] order = {};
  private DataPosition blockStart;
  private int given;

  /**
   * Shuffles a stream that was opened at the block's start.
   *
   * @param rows where {@code start}'s block starts; closed with this
   * @param blockRows how many rows make a block; 1 keeps the data's order
   * @param seed decides the order within the blocks
   * @param start where the first row is
   */
  public ShuffledRows(RowStream rows, int blockRows, long seed, DataPosition start) {
    this.rows = requireNonNull(rows, "rows is null");
    if (blockRows < 1 || start.rows() >= blockRows) {
      throw new IllegalArgumentException(
          "no position in a block of %d rows: %s".formatted(blockRows, start));
    }
    this.blockRows = blockRows;
    this.seed = seed;
    this.blockStart = start;
    this.given = start.rows();
  }

  /** The next row, as {@link RowStream#next} would give it in its place. */
  public Row next() {
    if (block.isEmpty()) {
      readBlock();
    }
    Row row = block.get(order[given]);
    given++;
    if (given == blockRows) {
      block = List.of();
      blockStart = rows.position();
      given = 0;
    }
    return row;
  }

  private void readBlock() {
    List<Row> read = new ArrayList<>(blockRows);
    for (int i = 0; i < blockRows; i++) {
      read.add(rows.next());
    }
    long ofBlock = DocumentOrder.seed(seed, blockStart.documents(), blockStart.tokens());
    order = DocumentOrder.shuffled(blockRows, blockStart.epoch(), ofBlock);
    block = read;
  }

  /** Where the next row is. */
  public DataPosition position() {
    return new DataPosition(blockStart.epoch(), blockStart.documents(), blockStart.tokens(), given);
  }

  /** What was cut so far, in the rows that were read ahead too. */
  public RowCounts counts() {
    return rows.counts();
  }

  @Override
  public void close() {
    rows.close();
  }
}
