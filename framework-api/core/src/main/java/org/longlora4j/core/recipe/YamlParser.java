package org.longlora4j.core.recipe;

import java.io.ByteArrayInputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.plugin.InvalidInputException;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.constructor.StandardConstructor;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.AnchorNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Parses YAML 1.2 by its core schema, under which {@code 1e-8} is a number and {@code yes} a word.
 */
final class YamlParser {
  private static final Set<Tag> SCALARS = Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL);

  private final LoadSettings settings = LoadSettings.builder().setSchema(new CoreSchema()).build();
  private final StandardConstructor constructor = new StandardConstructor(settings);
  private final Place source;
  private final RecipeProblems problems;
  private final boolean lines;
  private final Set<Node> open = new HashSet<>();

  private YamlParser(Place source, RecipeProblems problems, boolean lines) {
    this.source = source;
    this.problems = problems;
    this.lines = lines;
  }

  /**
   * Parses a file's content.
   *
   * @return the document, absent if there is nothing but comments
   * @throws InvalidInputException if it is not YAML, with the line and column
   */
  static YamlNode parseFile(byte[] content, Place file, RecipeProblems problems) {
    return new YamlParser(file, problems, true).parse(content);
  }

  /**
   * Parses a value that stands in one place as a whole, such as an argument.
   *
   * @return the value, absent if the text is empty
   * @throws InvalidInputException if it is not YAML
   */
  static YamlNode parseValue(String text, Place place, RecipeProblems problems) {
    return new YamlParser(place, problems, false).parse(text.getBytes(StandardCharsets.UTF_8));
  }

  private YamlNode parse(byte[] content) {
    try {
      return new Compose(settings)
          .composeInputStream(new ByteArrayInputStream(content))
          .map(this::convert)
          .orElseGet(() -> new YamlNode.Absent(source));
    } catch (MarkedYamlEngineException e) {
      Place place = e.getProblemMark().or(e::getContextMark).map(this::place).orElse(source);
      throw problems.fatal(place, "", "is not valid YAML: " + explain(e));
    } catch (YamlEngineException e) {
      throw problems.fatal(
          source,
          "",
          e.getCause() instanceof CharacterCodingException
              ? "is not text in UTF-8; save it as that"
              : "is not valid YAML: " + e.getMessage());
    }
  }

  private static String explain(MarkedYamlEngineException error) {
    String problem = error.getProblem();
    String context = error.getContext();
    String explained = context == null || context.isBlank() ? problem : context + ": " + problem;
    // A pattern such as *.txt looks like an alias.
    return explained.contains("alias")
        ? explained + "; text that starts with * belongs in quotes"
        : explained;
  }

  private YamlNode convert(Node node) {
    Node real = node instanceof AnchorNode anchor ? anchor.getRealNode() : node;
    if (!open.add(real)) {
      throw problems.fatal(place(real), "", "an alias refers to a value that contains it");
    }
    try {
      if (real instanceof MappingNode mapping) {
        return mapping(mapping);
      }
      if (real instanceof SequenceNode sequence) {
        List<YamlNode> items = new ArrayList<>();
        sequence.getValue().forEach(item -> items.add(convert(item)));
        return new YamlNode.Sequence(place(real), items);
      }
      return scalar((ScalarNode) real);
    } finally {
      open.remove(real);
    }
  }

  private YamlNode mapping(MappingNode mapping) {
    Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Place keyPlace = place(tuple.getKeyNode());
      YamlNode value = convert(tuple.getValueNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        problems.report(
            Mistake.UNREADABLE, keyPlace, "", "a key must be a word, not a list or a map");
        continue;
      }
      YamlNode.Entry previous =
          entries.putIfAbsent(key.getValue(), new YamlNode.Entry(keyPlace, value));
      if (previous != null) {
        problems.report(
            Mistake.UNREADABLE,
            keyPlace,
            "",
            "'" + key.getValue() + "' is given twice" + first(previous.keyPlace()));
      }
    }
    return new YamlNode.Mapping(place(mapping), entries);
  }

  private static String first(Place place) {
    return place.hasLine() ? ", first in line " + place.line() : "";
  }

  private YamlNode scalar(ScalarNode scalar) {
    if (!SCALARS.contains(scalar.getTag())) {
      throw problems.fatal(
          place(scalar), "", "the tag " + scalar.getTag() + " is not known; leave it out");
    }
    if (scalar.getTag().equals(Tag.NULL)) {
      return new YamlNode.Absent(place(scalar));
    }
    Object value = constructor.constructSingleDocument(Optional.of(scalar));
    return new YamlNode.Scalar(place(scalar), value, scalar.getValue());
  }

  private Place place(Node node) {
    return node.getStartMark().map(this::place).orElse(source);
  }

  private Place place(Mark mark) {
    return lines
        ? new Place(source.source(), mark.getLine() + 1, mark.getColumn() + 1, source.base())
        : source;
  }
}
