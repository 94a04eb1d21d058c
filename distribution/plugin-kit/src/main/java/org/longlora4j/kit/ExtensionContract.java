package org.longlora4j.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.longlora4j.kit.KitKernels.SERVICES;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.plugin.ExtensionPoint;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.core.plugin.Choice;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.LoadedPlugin;
import org.longlora4j.core.recipe.RecipeLibrary;
import org.longlora4j.core.recipe.RecipeReader;
import org.longlora4j.core.recipe.RecipeSchema;

/**
 * What every extension promises: it is found and built as a session does it, its options are
 * described and checked, and a run that uses it repeats and resumes exactly.
 *
 * @param <T> the extension point
 */
public abstract class ExtensionContract<T> {
  private final Class<T> point;

  @TempDir Path scratch;

  private ExtensionRegistry registry;

  ExtensionContract(Class<T> point) {
    this.point = point;
  }

  /**
   * What a recipe says under the extension point's key: a bare name, or a map such as <code>
   * { use: s2-attn, group-ratio: 0.25 }</code>. Relative paths start from {@link #folder()}.
   */
  protected abstract String section();

  /** Writes what {@link #section} refers to, such as files; called before each test. */
  protected void prepare() throws IOException {}

  /** A folder of this test's own. */
  protected final Path folder() {
    return scratch;
  }

  /**
   * Sections that must be refused, each with the option that the message must name; of none unless
   * overridden. What an option's own bounds say is tried without being named here.
   */
  protected Map<String, String> mistakes() {
    return Map.of();
  }

  /** The recipe's keys under which a run uses the section. */
  abstract Map<String, String> recipe(String section);

  /** What the extension itself says against what it is given, as lines of key and message. */
  List<String> complaints(T extension) {
    return List.of();
  }

  @BeforeEach
  final void findPlugins() throws IOException {
    registry = registry(getClass().getClassLoader());
    prepare();
  }

  /** The extensions of the plugins that a class loader finds, and those of the contracts. */
  static ExtensionRegistry registry(ClassLoader loader) {
    List<LoadedPlugin> plugins = new ArrayList<>(List.of(NormsOnly.plugin()));
    for (Plugin plugin : ServiceLoader.load(Plugin.class, loader)) {
      plugins.add(
          new LoadedPlugin(plugin, plugin.getClass().getName(), "test", "the test's class path"));
    }
    return new ExtensionRegistry(plugins);
  }

  /** A new instance of the section's choice. */
  protected final T extension() {
    return build(section());
  }

  final T build(String section) {
    return registry.create(choose(section), SERVICES);
  }

  private Choice<T> choose(String section) {
    return new RecipeReader(registry, RecipeLibrary.empty()).choose(point, section, scratch);
  }

  final ExtensionRegistry registry() {
    return registry;
  }

  private String name() {
    return RecipeSection.of(section()).name();
  }

  @Test
  void itIsFoundByItsName() {
    assertThat(registry.names(point))
        .as(
            "The names that are bound as %s. Is the plugin's class listed in"
                + " META-INF/services/%s, and does it bind '%s'?",
            point.getAnnotation(ExtensionPoint.class).value(), Plugin.class.getName(), name())
        .contains(name());
  }

  @Test
  void itIsBuiltAnewForEverySession() {
    assertThat(extension()).isNotSameAs(extension());
  }

  @Test
  void everyOptionIsDescribedForUsers() {
    for (RecordComponent option : options()) {
      Option description = option.getAnnotation(Option.class);
      assertThat(description).as("@Option of %s", option.getName()).isNotNull();
      assertThat(description.value()).as("what @Option says of %s", option.getName()).isNotBlank();
    }
    assertThat(new RecipeSchema(registry).generate().toString()).contains("\"" + name() + "\"");
  }

  @Test
  void anUnknownOptionIsRefusedByItsName() {
    assertRefused(with("no-such-option", 1), "no-such-option");
  }

  @Test
  void aValueOfTheWrongKindIsRefusedByItsKey() {
    for (RecordComponent option : options()) {
      String key = kebabCase(option.getName());
      assertRefused(with(key, List.of(List.of(List.of()))), key);
    }
  }

  @Test
  void aNumberOutOfRangeIsRefusedByItsKey() {
    for (RecordComponent option : options()) {
      Option bounds = option.getAnnotation(Option.class);
      String key = kebabCase(option.getName());
      if (Double.isFinite(bounds.min())) {
        assertRefused(with(key, (long) bounds.min() - 1), key);
      }
      if (Double.isFinite(bounds.max())) {
        assertRefused(with(key, (long) bounds.max() + 1), key);
      }
    }
  }

  @Test
  void everyMistakeIsRefusedByItsKey() {
    mistakes().forEach(this::assertRefused);
  }

  @Test
  void aRunThatUsesItRepeatsAndResumesExactly() throws IOException {
    TinyRun run = new TinyRun(scratch, registry);
    Map<String, String> sections = recipe(section());
    List<Double> losses = run.losses("first", sections);

    assertThat(losses).hasSize(TinyRun.STEPS).allMatch(Double::isFinite);
    assertThat(run.losses("again", sections))
        .as("the losses of the same run, taken again")
        .isEqualTo(losses);
    assertThat(run.lossesWithAStop("resumed", sections))
        .as("the losses of the same run, stopped after half of its steps and resumed")
        .isEqualTo(losses);
  }

  private List<RecordComponent> options() {
    Class<?> record = choose(section()).bound().extension().options();
    return List.of(record.getRecordComponents());
  }

  private String with(String key, Object value) {
    return RecipeSection.of(section()).with(key, value).text();
  }

  /** Fails unless the section is refused with the key in the message. */
  private void assertRefused(String section, String key) {
    List<String> messages;
    try {
      messages = complaints(build(section));
    } catch (InvalidInputException e) {
      messages = List.of(String.valueOf(e.getMessage()));
    }
    if (messages.isEmpty()) {
      throw new AssertionError("%s was accepted, must be refused".formatted(section));
    }
    assertThat(Stream.of(String.join("\n", messages)))
        .as("The message by which %s is refused must name the option at fault, %s", section, key)
        .allMatch(message -> message.contains(key));
  }

  private static String kebabCase(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
