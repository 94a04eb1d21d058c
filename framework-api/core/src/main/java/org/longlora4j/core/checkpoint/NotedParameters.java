package org.longlora4j.core.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.HashSet;
import java.util.Set;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.model.DecoderNames;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.core.model.Composition;

/** An adapter's values that note which of them were read, so that none is left out in silence. */
public final class NotedParameters implements Composition.SavedParameters {
  private final PeftAdapter adapter;
  private final AdapterPlan plan;
  private final DecoderNames names;
  private final Composition.SavedParameters values;
  private final Set<String> used = new HashSet<>();

  /**
   * The values of an adapter, none of them read.
   *
   * @param adapter open as long as values are read
   * @param plan what the adapter trains and wraps
   * @param names of the base's parts
   * @param compiler compiles the kernels that reading needs
   */
  public NotedParameters(
      PeftAdapter adapter, AdapterPlan plan, DecoderNames names, KernelCompiler compiler) {
    this.adapter = adapter;
    this.plan = plan;
    this.names = names;
    this.values = adapter.parameters(compiler);
  }

  @Override
  public NDArray read(String name, Shape shape, NDManager owner) {
    used.add(name);
    return values.read(name, shape, owner);
  }

  /**
   * Refuses an adapter of which not everything was read.
   *
   * @throws org.longlora4j.api.plugin.InvalidInputException with the tensors that were not
   */
  public void requireAllRead() {
    adapter.requireNothingBeside(used, plan, names);
  }
}
