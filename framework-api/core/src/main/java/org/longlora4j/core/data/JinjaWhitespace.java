package org.longlora4j.core.data;

/**
 * Rewrites a Jinja template so that it needs no whitespace control: the effects of the dashes in
 * <code>{%- … -%}</code>, and of Jinja's {@code trim_blocks} and {@code lstrip_blocks}, both of
 * which chat templates count on, are carried out in the text around the tags. Comments go.
 */
final class JinjaWhitespace {
  private final String template;
  private final StringBuilder out = new StringBuilder();
  private int at;
  private boolean stripNext;
  private boolean trimNewline;

  private JinjaWhitespace(String template) {
    this.template = template;
  }

  static String resolve(String template) {
    return new JinjaWhitespace(template).resolve();
  }

  private String resolve() {
    while (at < template.length()) {
      int tag = nextTag();
      String text = textBefore(tag);
      if (tag == template.length()) {
        out.append(text);
        break;
      }
      int end = tagEnd(tag);
      char kind = template.charAt(tag + 1);
      char first = template.charAt(tag + 2);
      out.append(first == '-' ? text.stripTrailing() : first == '+' ? text : lstrip(text, kind));
      char last = template.charAt(end - 3);
      if (kind != '#') {
        int begin = tag + (first == '-' || first == '+' ? 3 : 2);
        int stop = end - (last == '-' || last == '+' ? 3 : 2);
        // Jinjava wants a blank around what stands in a tag.
        out.append('{').append(kind).append(' ').append(template, begin, Math.max(begin, stop));
        out.append(' ').append(template, end - 2, end);
      }
      stripNext = last == '-';
      trimNewline = kind != '{' && last != '+';
      at = end;
    }
    return out.toString();
  }

  private int nextTag() {
    for (int i = at; i + 2 < template.length(); i++) {
      if (template.charAt(i) == '{' && "{%#".indexOf(template.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return template.length();
  }

  private String textBefore(int tag) {
    String text = template.substring(at, tag);
    if (stripNext) {
      return text.stripLeading();
    }
    return trimNewline && text.startsWith("\n") ? text.substring(1) : text;
  }

  /** What is left of a text before a block that has its line to itself. */
  private String lstrip(String text, char kind) {
    if (kind == '{') {
      return text;
    }
    int line = text.lastIndexOf('\n') + 1;
    boolean startsLine = line > 0 || out.length() == 0 || out.charAt(out.length() - 1) == '\n';
    return startsLine && text.substring(line).isBlank() ? text.substring(0, line) : text;
  }

  private int tagEnd(int tag) {
    char kind = template.charAt(tag + 1);
    String close = kind == '{' ? "}}" : kind + "}";
    char quote = 0;
    for (int i = tag + 2; i + 1 < template.length(); i++) {
      char c = template.charAt(i);
      if (quote != 0) {
        if (c == '\\') {
          i++;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (kind != '#' && (c == '\'' || c == '"')) {
        quote = c;
      } else if (template.startsWith(close, i)) {
        return i + 2;
      }
    }
    throw new IllegalArgumentException(
        "the tag '%s' is not closed"
            .formatted(template.substring(tag, Math.min(tag + 20, template.length()))));
  }
}
