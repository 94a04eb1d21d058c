/** Felix around the plugins: every jar of the plugin directory with a class loader of its own. */
package org.longlora4j.launcher.osgi;
