package org.longlora4j.launcher.command;

/**
 * What a command found out.
 *
 * <p>An implementation is a record. Its components, in snake case, are the JSON document that
 * {@code --json} prints.
 */
public interface Result {
  /** The same for people: one or more lines, without the last line's end. */
  String toText();
}
