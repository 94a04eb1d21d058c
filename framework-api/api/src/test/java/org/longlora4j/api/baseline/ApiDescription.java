package org.longlora4j.api.baseline;

import aQute.bnd.differ.DiffPluginImpl;
import aQute.bnd.osgi.Jar;
import aQute.bnd.service.diff.Delta;
import aQute.bnd.service.diff.Tree;
import aQute.bnd.service.diff.Type;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Every exported package with its version and all that is public or protected in it, as bnd sees
 * it, in lines that a person can review.
 *
 * <p>A line says what an element is, its name, and in brackets what adding it to a package and
 * removing it from one mean by the rules of semantic versioning: an abstract method added to a
 * consumer type is MAJOR, to a provider type MINOR. Indentation says what belongs to what.
 */
final class ApiDescription {
  private static final Pattern LINE = Pattern.compile("( *)(\\S+) (.*) \\[(\\w+), (\\w+)\\]");
  private static final String INDENT = "  ";

  private final Tree api;

  private ApiDescription(Tree api) {
    this.api = api;
  }

  /** Describes compiled classes with their manifest. */
  static ApiDescription ofClasses(Path folder) throws Exception {
    try (Jar jar = new Jar(folder.toFile())) {
      // The bundle's other parts are the manifest and its resources.
      Tree.Data api = new DiffPluginImpl().tree(jar).get("<api>").serialize();
      for (Tree.Data exported : api.children) {
        for (Tree.Data type : exported.children) {
          InheritedMembers.removeFrom(type);
          AbstractMethods.mark(type);
        }
      }
      return new ApiDescription(new DiffPluginImpl().deserialize(api));
    }
  }

  /** Reads what {@link #toText} wrote. */
  static ApiDescription parse(String text) throws Exception {
    Deque<Parsed> open = new ArrayDeque<>();
    Parsed root = null;
    for (String line : text.lines().filter(line -> !line.startsWith("#")).toList()) {
      Matcher parts = LINE.matcher(line);
      if (!parts.matches()) {
        throw new IllegalArgumentException("not a line of an API description: " + line);
      }
      Parsed element = Parsed.of(parts);
      while (open.size() > parts.group(1).length() / INDENT.length()) {
        open.pop();
      }
      if (open.isEmpty()) {
        root = element;
      } else {
        open.peek().children.add(element);
      }
      open.push(element);
    }
    if (root == null) {
      throw new IllegalArgumentException("an API description without a line");
    }
    return new ApiDescription(new DiffPluginImpl().deserialize(root.data()));
  }

  Tree tree() {
    return api;
  }

  String toText() {
    StringBuilder text = new StringBuilder();
    append(text, api.serialize(), "");
    return text.toString();
  }

  private static void append(StringBuilder text, Tree.Data element, String indent) {
    text.append(indent)
        .append(
            "%s %s [%s, %s]\n"
                .formatted(element.type, escaped(element.name), element.add, element.rem));
    if (element.children != null) {
      Arrays.stream(element.children)
          .sorted(Comparator.comparing((Tree.Data child) -> child.type).thenComparing(c -> c.name))
          .forEach(child -> append(text, child, indent + INDENT));
    }
  }

  /** Names hold the values of constants, which may be any text; the reverse of translateEscapes. */
  private static String escaped(String name) {
    return name.replace("\\", "\\\\")
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\0", "\\0");
  }

  /** An element whose children are still being read. */
  private record Parsed(Tree.Data element, List<Parsed> children) {
    static Parsed of(Matcher line) {
      Tree.Data element = new Tree.Data();
      element.type = Type.valueOf(line.group(2));
      element.name = line.group(3).translateEscapes();
      element.add = Delta.valueOf(line.group(4));
      element.rem = Delta.valueOf(line.group(5));
      return new Parsed(element, new ArrayList<>());
    }

    Tree.Data data() {
      element.children = children.stream().map(Parsed::data).toArray(Tree.Data[]::new);
      return element;
    }
  }
}
