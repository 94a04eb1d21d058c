/** Which positions a query may attend to during training, in each layer. */
@Export
@Version("1.2.0")
package org.longlora4j.api.attention;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
