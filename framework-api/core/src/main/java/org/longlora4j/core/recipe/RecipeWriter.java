package org.longlora4j.core.recipe;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.core.plugin.BoundExtension;
import org.longlora4j.core.plugin.Choice;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.representer.StandardRepresenter;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Writes a resolved recipe: every default filled in, nothing extended, all paths absolute.
 *
 * <p>Two recipes that mean the same are written the same, wherever their files are, so that texts
 * can be compared. What is written reads back to the same recipe, save that a {@link FilePattern}
 * has become absolute.
 */
public final class RecipeWriter {
  private static final int WIDTH = 100;
  private static final Pattern GLOB = Pattern.compile("[*?\\[\\]{}\\\\]");

  private static final Pattern ABSOLUTE = Pattern.compile("([A-Za-z]:)?/");

  private RecipeWriter() {}

  /** The recipe as YAML. */
  public static String write(Recipe recipe) {
    Map<String, Object> sections = plain(RecipeSections.of(recipe));
    sections.put(
        "adapter", section(recipe.adapter(), plain(new Section.AdapterStart(recipe.startFrom()))));
    return dump(sections);
  }

  /** A record of options that is no whole recipe, as YAML. */
  public static String writeOptions(Record options) {
    return dump(plain(options));
  }

  private static String dump(Map<String, Object> sections) {
    DumpSettings settings =
        DumpSettings.builder()
            .setSchema(new CoreSchema())
            .setDefaultFlowStyle(FlowStyle.AUTO)
            .setDereferenceAliases(true)
            .setWidth(WIDTH)
            .setSplitLines(false)
            .build();
    return new Dump(settings, new Representer(settings)).dumpToString(sections);
  }

  /**
   * The section that chooses another extension with the options of this choice that both have.
   *
   * @param from what is chosen now
   * @param to what is to be chosen
   * @return YAML on one line
   */
  public static String carriedOver(Choice<?> from, BoundExtension<?> to) {
    Map<String, Object> section = new LinkedHashMap<>(plain(from.options()));
    section
        .keySet()
        .retainAll(OptionKey.of(to.extension().options()).stream().map(OptionKey::name).toList());
    if (section.isEmpty()) {
      return to.name();
    }
    Map<String, Object> named = new LinkedHashMap<>(Map.of(OptionsBinder.USE, to.name()));
    named.putAll(section);
    DumpSettings settings =
        DumpSettings.builder()
            .setSchema(new CoreSchema())
            .setDefaultFlowStyle(FlowStyle.FLOW)
            .setWidth(Integer.MAX_VALUE)
            .setSplitLines(false)
            .build();
    return new Dump(settings, new Representer(settings)).dumpToString(named).strip();
  }

  private static Map<String, Object> plain(Record options) {
    Map<String, Object> plain = new LinkedHashMap<>();
    for (OptionKey key : OptionKey.of(options.getClass())) {
      unwrap(key.valueIn(options)).ifPresent(value -> plain.put(key.name(), plain(value)));
    }
    return plain;
  }

  private static Optional<?> unwrap(Object value) {
    if (value instanceof Optional<?> optional) {
      return optional;
    }
    if (value instanceof OptionalInt optional) {
      return optional.stream().boxed().findFirst();
    }
    if (value instanceof OptionalLong optional) {
      return optional.stream().boxed().findFirst();
    }
    if (value instanceof OptionalDouble optional) {
      return optional.stream().boxed().findFirst();
    }
    return Optional.of(value);
  }

  private static Object plain(Object value) {
    if (value instanceof Choice<?> choice) {
      return section(choice, Map.of());
    }
    if (value instanceof FilePattern files) {
      return absolute(files);
    }
    if (value instanceof Record options) {
      return bare(options);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(RecipeWriter::plain).toList();
    }
    if (value instanceof Path path) {
      return path.toAbsolutePath().toString();
    }
    return value instanceof Enum<?> constant ? constant(constant) : value;
  }

  /** A record's map, or the one value that may stand for it if nothing else was given. */
  private static Object bare(Record options) {
    Map<String, Object> plain = plain(options);
    return new OptionType.Nested(options.getClass())
        .bareValue()
        .filter(plain::containsKey)
        .filter(bare -> isAlone(bare, plain, options.getClass()))
        .<Object>map(plain::get)
        .orElse(plain);
  }

  /** Whether all other options have their defaults. */
  private static boolean isAlone(
      String bare, Map<String, Object> plain, Class<? extends Record> options) {
    return OptionKey.of(options).stream()
        .filter(key -> !key.name().equals(bare) && plain.containsKey(key.name()))
        .allMatch(key -> key.defaultValue().equals(Optional.of(plain.get(key.name()).toString())));
  }

  private static Map<String, Object> section(Choice<?> choice, Map<String, Object> ofFramework) {
    Map<String, Object> section = new LinkedHashMap<>();
    section.put(OptionsBinder.USE, choice.name());
    section.putAll(ofFramework);
    section.putAll(plain(choice.options()));
    return section;
  }

  private static String absolute(FilePattern files) {
    if (ABSOLUTE.matcher(files.pattern()).lookingAt()) {
      return files.pattern();
    }
    String base = files.base().toString().replace('\\', '/');
    boolean glob = GLOB.matcher(files.pattern()).find();
    return (glob ? GLOB.matcher(base).replaceAll("\\\\$0") : base) + "/" + files.pattern();
  }

  /** A constant named TRUE is written as the boolean, which needs no quotes. */
  private static Object constant(Enum<?> constant) {
    String name = KebabCase.ofConstant(constant);
    return name.equals("true") || name.equals("false") ? (Object) Boolean.valueOf(name) : name;
  }

  /** Writes {@code 1.0e-8} for Java's {@code 1.0E-8}. */
  private static final class Representer extends StandardRepresenter {
    Representer(DumpSettings settings) {
      super(settings);
      representers.put(
          Double.class,
          number -> representScalar(Tag.FLOAT, number.toString().toLowerCase(Locale.ROOT)));
    }
  }
}
