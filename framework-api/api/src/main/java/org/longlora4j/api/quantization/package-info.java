/** How a frozen weight is stored, and how it is read back. */
@Export
@Version("1.0.0")
package org.longlora4j.api.quantization;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
