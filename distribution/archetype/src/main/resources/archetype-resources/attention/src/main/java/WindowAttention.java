package ${package};

import ai.djl.ndarray.NDArray;
import com.google.inject.Inject;
import org.longlora4j.api.attention.AttentionCost;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.tensor.KernelCompiler;

/** Each query sees itself and the positions just before it. */
public final class WindowAttention implements AttentionPattern {
  /**
   * What a recipe says about {@code ${artifactId}}.
   *
   * @param size how many positions a query sees
   */
  public record Options(
      @Option(
              value = "How many positions a query sees, itself among them.",
              defaultValue = "8",
              min = 1)
          int size) {}

  private final int size;
  private final WindowKernels kernels;

  @Inject
  WindowAttention(Options options, KernelCompiler compiler) {
    size = options.size();
    kernels = compiler.compile(WindowAttention.class, "window.py", WindowKernels.class);
  }

  @Override
  public NDArray attend(NDArray query, NDArray key, NDArray value, AttentionLayer layer) {
    return kernels.window(query.getManager(), query, key, value, size);
  }

  @Override
  public AttentionCost cost(AttentionShape shape, AttentionLayer layer) {
    int growing = Math.min(shape.length(), size);
    long pairs = AttentionCost.causalPairs(growing) + (long) (shape.length() - growing) * size;
    long rows = (long) shape.batch() * shape.heads();
    long mask = (long) shape.length() * shape.length();
    long shared =
        shape.heads() == shape.keyValueHeads() ? 0 : 2 * rows * shape.length() * shape.headDim();
    return new AttentionCost(rows * pairs, mask + shared);
  }

  @Override
  public void check(AttentionShape shape, Problems problems) {
    if (size > shape.length()) {
      problems.report(
          "size",
          "size is %d, must be at most the context, %d tokens".formatted(size, shape.length()));
    }
  }
}
