package org.longlora4j.plugin.lora;

import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.longlora4j.api.adapter.ModelModule;

/** Some of a model's modules, chosen the ways PEFT knows. */
sealed interface ModuleSelection {
  /** What PEFT and recipes call every projection of the decoder layers. */
  String ALL_LINEAR = "all-linear";

  /** A module's name up to the number of its layer. */
  Pattern LAYER = Pattern.compile(".*\\.[^.]*\\.(\\d{1,9})\\.");

  /** Whether a module is chosen. */
  boolean selects(ModelModule module);

  /** The names in this selection that choose none of the modules. */
  List<String> unmatched(List<ModelModule> modules);

  /**
   * What stands for this selection in adapter_config.json: a list of names or a string.
   *
   * @param selected the modules that it chooses
   */
  Object inPeft(List<ModelModule> selected);

  /** The projections that a list of targets chooses. */
  static ModuleSelection targets(List<String> targets) {
    return targets.equals(List.of(ALL_LINEAR))
        ? new OfKind(Set.of(ModelModule.Kind.PROJECTION))
        : new Named(targets, true);
  }

  /** No module at all. */
  static ModuleSelection none() {
    return new OfKind(Set.of());
  }

  /**
   * Modules by the end of their full name.
   *
   * @param names full names or ends of them
   * @param wholeParts whether an end must begin after a dot: PEFT matches {@code target_modules}
   *     so, but {@code modules_to_save} by any end, where {@code norm} chooses {@code
   *     input_layernorm} too
   */
  record Named(List<String> names, boolean wholeParts) implements ModuleSelection {
    public Named {
      names = List.copyOf(names);
    }

    @Override
    public boolean selects(ModelModule module) {
      return names.stream().anyMatch(name -> matches(name, module));
    }

    private boolean matches(String name, ModelModule module) {
      return module.name().equals(name) || module.name().endsWith(wholeParts ? "." + name : name);
    }

    @Override
    public List<String> unmatched(List<ModelModule> modules) {
      return names.stream()
          .filter(name -> modules.stream().noneMatch(module -> matches(name, module)))
          .toList();
    }

    @Override
    public Object inPeft(List<ModelModule> selected) {
      return names;
    }
  }

  /** Modules whose full name matches a regular expression from end to end. */
  record Expression(Pattern pattern) implements ModuleSelection {
    @Override
    public boolean selects(ModelModule module) {
      return pattern.matcher(module.name()).matches();
    }

    @Override
    public List<String> unmatched(List<ModelModule> modules) {
      return modules.stream().anyMatch(this::selects) ? List.of() : List.of(pattern.pattern());
    }

    @Override
    public Object inPeft(List<ModelModule> selected) {
      return pattern.pattern();
    }
  }

  /** All modules of some kinds. */
  record OfKind(Set<ModelModule.Kind> kinds) implements ModuleSelection {
    public OfKind {
      kinds = Set.copyOf(kinds);
    }

    @Override
    public boolean selects(ModelModule module) {
      return kinds.contains(module.kind());
    }

    @Override
    public List<String> unmatched(List<ModelModule> modules) {
      return List.of();
    }

    @Override
    public Object inPeft(List<ModelModule> selected) {
      return shortNames(selected);
    }
  }

  /** The number of the layer that a module is in, as PEFT reads it from the name. */
  static OptionalInt layer(ModelModule module) {
    Matcher matcher = LAYER.matcher(module.name());
    return matcher.lookingAt()
        ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
        : OptionalInt.empty();
  }

  /** The distinct short names of modules, in their order. */
  static List<String> shortNames(List<ModelModule> modules) {
    return modules.stream().map(ModelModule::shortName).distinct().toList();
  }
}
