package org.longlora4j.core.tensor;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The methods of a kernel file's {@code class Kernels(Module)}, as its source declares them.
 *
 * @param arguments how many arguments each takes beside {@code self}, by name in the file's order
 */
record EntryPoints(Map<String, Integer> arguments) {
  private static final Pattern CLASS = Pattern.compile("(?m)^class\\s+Kernels\\b");
  private static final Pattern METHOD =
      Pattern.compile("(?m)^\\s+def\\s+(\\w+)\\s*\\(\\s*self\\b([^)]*)\\)");

  /** Reads the declarations of a source that compiles. */
  static EntryPoints of(String source) {
    Map<String, Integer> arguments = new LinkedHashMap<>();
    CLASS
        .matcher(source)
        .results()
        .findFirst()
        .map(MatchResult::end)
        .ifPresent(
            body ->
                METHOD
                    .matcher(source.substring(body))
                    .results()
                    .forEach(method -> arguments.put(method.group(1), count(method.group(2)))));
    return new EntryPoints(arguments);
  }

  /** The colons of {@code : __torch__.Kernels, x: Tensor, n: Tensor}, but for the first. */
  private static int count(String parameters) {
    return (int) parameters.chars().filter(c -> c == ':').count() - 1;
  }
}
