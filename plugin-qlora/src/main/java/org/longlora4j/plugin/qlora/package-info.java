/**
 * Frozen weights in four bits: QLoRA's NormalFloat with double quantization, in bitsandbytes'
 * format.
 *
 * <p>The paper: <a href="https://arxiv.org/abs/2305.14314">QLoRA: Efficient Finetuning of Quantized
 * LLMs</a>, section 3.
 */
package org.longlora4j.plugin.qlora;
