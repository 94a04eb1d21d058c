/** Low-rank adaptation: LoRA, and LongLoRA's improved LoRA, read and written as PEFT does. */
package org.longlora4j.plugin.lora;
