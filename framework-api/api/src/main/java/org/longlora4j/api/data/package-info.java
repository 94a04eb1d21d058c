/** Where documents come from. */
@Export
@Version("1.0.0")
package org.longlora4j.api.data;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
