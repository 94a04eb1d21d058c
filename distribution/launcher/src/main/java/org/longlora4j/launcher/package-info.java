/** The process behind the {@code longlora} command. */
package org.longlora4j.launcher;
