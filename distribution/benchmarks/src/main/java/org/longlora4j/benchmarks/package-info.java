/**
 * What the kernels of a training step take, each by itself, and the models to measure whole ones.
 */
package org.longlora4j.benchmarks;
