package org.longlora4j.plugin.s2attn;

import org.longlora4j.api.attention.AttentionShape;

/** Counts the elements that a call holds beyond its inputs and its output. */
record Working(AttentionShape shape) {
  /** Elements of a tensor with this many heads. */
  long heads(int heads) {
    return (long) shape.batch() * heads * shape.length() * shape.headDim();
  }

  /** Keys and values repeated for the query heads that share them. */
  long sharedHeads() {
    return shape.heads() == shape.keyValueHeads() ? 0 : 2 * heads(shape.heads());
  }

  /** Tensors folded into the batch: views of a single row, copies of several. */
  long folded(int tensors) {
    return shape.batch() == 1 ? 0 : tensors * heads(shape.heads());
  }
}
