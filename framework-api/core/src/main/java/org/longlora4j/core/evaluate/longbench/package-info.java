/**
 * LongBench (Bai et al., arXiv:2308.14508): its files in, predictions out, and its scores with
 * their published definitions.
 */
package org.longlora4j.core.evaluate.longbench;
