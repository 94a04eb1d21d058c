/** What a run leaves behind: adapters in PEFT's format, and whole Hugging Face checkpoints. */
package org.longlora4j.core.checkpoint;
