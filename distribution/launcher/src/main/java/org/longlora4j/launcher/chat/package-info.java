/** A conversation with a model in the terminal, or through standard input. */
package org.longlora4j.launcher.chat;
