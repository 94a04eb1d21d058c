/** Who watches the steps, and how trained parameters are updated. */
@Export
@Version("1.0.0")
package org.longlora4j.api.train;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
