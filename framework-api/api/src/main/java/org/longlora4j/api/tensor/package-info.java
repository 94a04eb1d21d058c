/** Tensors beyond DJL's: kernels in TorchScript source, tensor files, number formats. */
@Export
@Version("1.2.0")
package org.longlora4j.api.tensor;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
