package org.longlora4j.core.evaluate.longbench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.model.JsonFile;

/**
 * How a sample becomes a prompt: a template for each dataset, in which {@code {context}} and {@code
 * {input}} stand for the sample's.
 */
public final class Prompts {
  private static final String PLAIN = "{context}\n\n{input}\n";
  private static final Pattern PLACE = Pattern.compile("\\{(context|input)}");

  private final Map<String, String> templates;

  private Prompts(Map<String, String> templates) {
    this.templates = templates;
  }

  /** The context, a blank line, and the input, for every dataset. */
  public static Prompts plain() {
    return new Prompts(Map.of());
  }

  /**
   * Reads templates.
   *
   * @param file a JSON object of datasets and their templates, as LongBench publishes it in {@code
   *     config/dataset2prompt.json}
   * @throws InvalidInputException with all that is wrong
   */
  public static Prompts read(Path file) {
    ObjectNode json = JsonFile.read(file);
    Map<String, String> templates = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    json.properties()
        .forEach(
            entry -> {
              String template = entry.getValue().asText();
              if (!entry.getValue().isTextual() || !template.contains("{context}")) {
                problems.add(
                    "%s: %s: is %s, must be a text with {context} in it"
                        .formatted(file, entry.getKey(), entry.getValue()));
              }
              templates.put(entry.getKey(), template);
            });
    if (templates.isEmpty()) {
      problems.add(file + ": is empty, must name datasets and their templates");
    }
    if (!problems.isEmpty()) {
      throw new InvalidInputException(String.join("\n", problems));
    }
    return new Prompts(templates);
  }

  /**
   * The prompt of a sample.
   *
   * @throws InvalidInputException if there is no template for its dataset
   */
  public String of(Sample sample) {
    String template = templates.isEmpty() ? PLAIN : templates.get(Task.plain(sample.dataset()));
    if (template == null) {
      throw new InvalidInputException(
          "--prompts has no template for the dataset '%s', only for %s"
              .formatted(sample.dataset(), String.join(", ", templates.keySet())));
    }
    return PLACE
        .matcher(template)
        .replaceAll(
            place ->
                Matcher.quoteReplacement(
                    place.group(1).equals("input") ? sample.input() : sample.context()));
  }
}
