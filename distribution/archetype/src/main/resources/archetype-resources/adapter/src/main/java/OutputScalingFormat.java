package ${package};

import com.google.inject.Inject;
import java.util.Map;
import org.longlora4j.api.adapter.AdapterFormat;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.tensor.KernelCompiler;

/** Reads what {@link OutputScaling} saved, for every command that is given an adapter. */
public final class OutputScalingFormat implements AdapterFormat {
  private final OutputScalingKernels kernels;

  @Inject
  OutputScalingFormat(KernelCompiler compiler) {
    kernels = OutputScaling.compile(compiler);
  }

  @Override
  public AdapterStrategy read(Map<String, Object> config, Problems problems) {
    return OutputScaling.read(config, kernels, problems);
  }
}
