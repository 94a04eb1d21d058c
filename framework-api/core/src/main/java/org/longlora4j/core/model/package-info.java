/** Llama-family decoders: config.json, checkpoints, and the model itself, layer by layer. */
package org.longlora4j.core.model;
