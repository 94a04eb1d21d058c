/** Which parameters train, and what wraps a frozen projection. */
@Export
@Version("1.0.0")
package org.longlora4j.api.adapter;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
