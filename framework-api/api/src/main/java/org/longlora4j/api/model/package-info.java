/** Kinds of decoders: which modules a checkpoint has, and what a layer of it computes. */
@Export
@Version("2.0.0")
package org.longlora4j.api.model;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
