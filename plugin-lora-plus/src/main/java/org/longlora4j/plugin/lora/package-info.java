/**
 * Low-rank adaptation, read and written as PEFT does: LoRA, LongLoRA's improved LoRA, DoRA and
 * rsLoRA, with PiSSA's and LoftQ's beginnings.
 */
package org.longlora4j.plugin.lora;
