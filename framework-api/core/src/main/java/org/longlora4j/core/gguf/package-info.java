/** Models as GGUF files, the format of llama.cpp and what builds on it. */
package org.longlora4j.core.gguf;
