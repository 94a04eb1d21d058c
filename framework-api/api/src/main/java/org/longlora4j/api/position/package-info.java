/** How rotary frequencies change for a new context length. */
@Export
@Version("1.0.0")
package org.longlora4j.api.position;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
