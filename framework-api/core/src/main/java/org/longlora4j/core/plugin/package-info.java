/** Finds plugins, keeps what they bind, and builds what a recipe chooses. */
package org.longlora4j.core.plugin;
