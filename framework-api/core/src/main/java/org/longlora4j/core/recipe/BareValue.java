package org.longlora4j.core.recipe;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a record of options for which one of them alone may stand, without its key. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface BareValue {
  /** The key of that option. */
  String value();
}
