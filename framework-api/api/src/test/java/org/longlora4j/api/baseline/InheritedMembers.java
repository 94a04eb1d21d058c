package org.longlora4j.api.baseline;

import aQute.bnd.service.diff.Tree;
import aQute.bnd.service.diff.Type;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a type has from the JDK's classes, such as {@code hashCode}: it differs from one JDK to the
 * next, and is no promise of ours.
 */
final class InheritedMembers {
  private InheritedMembers() {}

  static void removeFrom(Tree.Data type) throws ClassNotFoundException {
    if (type.type != Type.CLASS && type.type != Type.ENUM) {
      return;
    }
    Set<String> inherited = new HashSet<>();
    for (Class<?> above = Class.forName(type.name); above != null; above = above.getSuperclass()) {
      if (above.getName().startsWith("java.")) {
        Stream.of(above.getDeclaredMethods())
            .map(InheritedMembers::signature)
            .forEach(inherited::add);
      }
    }
    type.children =
        Arrays.stream(type.children)
            .filter(child -> child.type != Type.METHOD || !inherited.contains(child.name))
            .toArray(Tree.Data[]::new);
  }

  private static String signature(Method method) {
    return Stream.of(method.getParameterTypes())
        .map(Class::getName)
        .collect(Collectors.joining(",", method.getName() + "(", ")"));
  }
}
