/** The training loop: gradients layer by layer, the optimizer, checkpoints, metrics. */
package org.longlora4j.core.train;
