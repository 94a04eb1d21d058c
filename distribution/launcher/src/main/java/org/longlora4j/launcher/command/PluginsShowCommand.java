package org.longlora4j.launcher.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.model.ModelFamilies;
import org.longlora4j.core.plugin.BoundExtension;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.LoadedPlugin;
import org.longlora4j.core.recipe.NearestName;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Describes a plugin, or what one name in a recipe stands for. */
@Command(
    name = "show",
    description = {
      "Describes a plugin, or an extension by the name that a recipe uses.",
      "Options with types, defaults and what they mean; and, told from shapes alone, what it accepts"
          + " and what it costs: of a Llama 2 7B, unless --model names another."
    })
final class PluginsShowCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private ResultFormat format;

  @Parameters(
      paramLabel = "NAME",
      description = "A plugin's name, or an extension's such as s2-attn.")
  private String name;

  @Option(
      names = "--set",
      paramLabel = "OPTION=VALUE",
      description =
          "Give an option of the extension, such as group-ratio=0.125; the value is YAML. May be"
              + " given several times.")
  private List<String> settings = List.of();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Tell costs for this Hugging Face checkpoint's shapes. No weight is read.")
  private Optional<Path> model = Optional.empty();

  PluginsShowCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    PluginList list = PluginList.of(session);
    List<PluginList.Row> plugins =
        list.plugins().stream().filter(row -> row.name().equals(name)).toList();
    ExtensionRegistry registry = session.extensions();
    List<BoundExtension<?>> named = new ArrayList<>();
    for (LoadedPlugin plugin : registry.plugins()) {
      registry.of(plugin).stream()
          .filter(bound -> bound.name().equals(name) || plugin.name().equals(name))
          .forEach(named::add);
    }
    if (plugins.isEmpty() && named.isEmpty()) {
      throw unknown(list, registry);
    }
    try (ShapedModel shapes = ShapedModel.of(model, new ModelFamilies(registry))) {
      ExtensionFacts facts = new ExtensionFacts(registry, shapes, settings);
      session
          .output()
          .print(
              format,
              new Shown(
                  plugins, named.stream().<ExtensionDescription>map(facts::describe).toList()));
    }
    return ExitCode.OK;
  }

  private InvalidInputException unknown(PluginList list, ExtensionRegistry registry) {
    List<String> known =
        Stream.concat(
                list.plugins().stream().map(PluginList.Row::name),
                registry.all().stream().map(BoundExtension::name))
            .distinct()
            .toList();
    String nothing = "There is no plugin and no extension '%s'".formatted(name);
    return new InvalidInputException(
        NearestName.of(name, known)
            .map(nearest -> "%s; did you mean %s?".formatted(nothing, nearest))
            .orElse(nothing + ". All there are: longlora plugins list"));
  }

  /**
   * What goes by a name.
   *
   * @param plugins whose own name it is
   * @param extensions whose name it is, or that such a plugin binds
   */
  record Shown(List<PluginList.Row> plugins, List<ExtensionDescription> extensions)
      implements Result {
    @Override
    public String toText() {
      List<String> parts = new ArrayList<>();
      if (!plugins.isEmpty()) {
        parts.add(new PluginList(plugins).toText());
      }
      extensions.forEach(extension -> parts.add(extension.toText()));
      return String.join("\n\n", parts);
    }
  }
}
