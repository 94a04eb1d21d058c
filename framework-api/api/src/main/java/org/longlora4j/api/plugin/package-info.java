/**
 * What makes a jar a plugin: the door, the names it binds, the options it takes, the errors it
 * reports.
 */
@Export
@Version("1.0.0")
package org.longlora4j.api.plugin;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
