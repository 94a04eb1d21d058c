package org.longlora4j.api.baseline;

import aQute.bnd.service.diff.Delta;
import aQute.bnd.service.diff.Tree;
import aQute.bnd.service.diff.Type;
import java.util.Arrays;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What a plugin must implement: an abstract method of an interface that is not a provider's. bnd
 * 7.1 takes one that stands below a default method for another default method.
 */
final class AbstractMethods {
  private AbstractMethods() {}

  /** Has each count as one whose addition breaks plugins. */
  static void mark(Tree.Data type) {
    if (type.type != Type.INTERFACE || has(type, Type.ANNOTATED, ProviderType.class.getName())) {
      return;
    }
    for (Tree.Data member : type.children) {
      if (member.type == Type.METHOD && has(member, Type.ACCESS, "abstract")) {
        member.add = Delta.MAJOR;
      }
    }
  }

  private static boolean has(Tree.Data element, Type type, String name) {
    return element.children != null
        && Arrays.stream(element.children)
            .anyMatch(child -> child.type == type && child.name.equals(name));
  }
}
