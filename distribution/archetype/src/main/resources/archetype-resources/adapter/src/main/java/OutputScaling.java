package ${package};

import com.google.inject.Inject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ProjectionAdapter;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.tensor.KernelCompiler;

/** One number that trains for each output feature of the projections it is given. */
public final class OutputScaling implements AdapterStrategy {
  /** The key of adapter_config.json that names the projections. */
  static final String TARGETS = "target_modules";

  /**
   * What a recipe says about {@code ${artifactId}}.
   *
   * @param targets the projections whose output is scaled
   */
  public record Options(
      @Option(
              value = "The projections to scale, by the last part of their names.",
              defaultValue = "[k_proj, v_proj]")
          List<String> targets) {}

  private final List<String> targets;
  private final OutputScalingKernels kernels;

  @Inject
  OutputScaling(Options options, KernelCompiler compiler) {
    this(options.targets(), compile(compiler));
  }

  OutputScaling(List<String> targets, OutputScalingKernels kernels) {
    this.targets = targets;
    this.kernels = kernels;
  }

  static OutputScalingKernels compile(KernelCompiler compiler) {
    return compiler.compile(
        OutputScaling.class, "output_scaling.py", OutputScalingKernels.class);
  }

  @Override
  public AdapterPlan plan(List<ModelModule> modules, Problems problems) {
    Map<String, ProjectionAdapter> wrapped = new LinkedHashMap<>();
    for (String target : targets) {
      boolean matched = false;
      for (ModelModule module : modules) {
        if (module.kind() == ModelModule.Kind.PROJECTION && module.shortName().equals(target)) {
          wrapped.put(module.name(), new ScaledProjection(module.weight().get(0), kernels));
          matched = true;
        }
      }
      if (!matched) {
        problems.report("targets", "'%s' matches no projection of this model".formatted(target));
      }
    }
    Map<String, Object> config = Map.of("peft_type", "${artifactId}", TARGETS, targets);
    return new AdapterPlan(wrapped, Set.of(), Optional.of(config));
  }

  @Override
  public AdapterStrategy continueFrom(Map<String, Object> config, Problems problems) {
    return read(config, kernels, (key, message) -> problems.report("start-from", message));
  }

  /** The strategy that an adapter_config.json describes. */
  static OutputScaling read(
      Map<String, Object> config, OutputScalingKernels kernels, Problems problems) {
    if (config.get(TARGETS) instanceof List<?> names) {
      return new OutputScaling(names.stream().map(String::valueOf).toList(), kernels);
    }
    problems.report(TARGETS, TARGETS + " is missing, must be a list of names");
    return new OutputScaling(List.of(), kernels);
  }
}
