/** What a machine can do at most, and what a training step makes of it. */
package org.longlora4j.core.bench;
