/** Kinds of decoders: which modules a checkpoint has, and what a layer of it computes. */
@Export
@Version("1.1.0")
package org.longlora4j.api.model;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
