/** The command line: what can be typed, what is printed, which exit code follows. */
package org.longlora4j.launcher.command;
