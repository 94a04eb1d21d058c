/**
 * Shifted sparse attention, and the sparse patterns that its paper compares it with (LongLoRA,
 * arXiv:2309.12307, section 3.2 and its ablation on attention patterns).
 */
package org.longlora4j.plugin.s2attn;
