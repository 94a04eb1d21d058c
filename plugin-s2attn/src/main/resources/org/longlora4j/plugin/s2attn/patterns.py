def shared_heads(x: Tensor, heads: int) -> Tensor:
  groups = heads // x.size(1)
  if groups == 1:
    return x
  return torch.repeat_interleave(x, groups, 1)
# (batch, heads, n * group, dim) -> (batch * n, heads, group, dim): a view where batch is 1
def fold(x: Tensor, group: int) -> Tensor:
  return x.unflatten(2, [-1, group]).transpose(1, 2).flatten(0, 1)
# From here on results are (batch, length, heads, dim), as the fused kernel lays them out in memory.
def causal(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
  return torch.scaled_dot_product_attention(q, k, v, None, 0., True).transpose(1, 2)
def joined(pieces: List[Tensor], dim: int) -> Tensor:
  if torch.len(pieces) == 1:
    return pieces[0]
  return torch.cat(pieces, dim)
# Positions start to end in groups that divide them.
def groups(q: Tensor, k: Tensor, v: Tensor, start: int, end: int, group: int) -> Tensor:
  out = __torch__.causal(
      __torch__.fold(q[:, :, start:end], group),
      __torch__.fold(k[:, :, start:end], group),
      __torch__.fold(v[:, :, start:end], group))
  return out.reshape([q.size(0), end - start, q.size(1), q.size(3)])
# Groups of one size behind a first one of another; the last is as long as what is left.
def grouped(q: Tensor, k: Tensor, v: Tensor, first: int, group: int) -> Tensor:
  length = q.size(2)
  head = first
  if head > length:
    head = length
  tail = length - (length - head) % group
  pieces = annotate(List[Tensor], [])
  if head > 0:
    pieces.append(__torch__.groups(q, k, v, 0, head, head))
  if tail > head:
    pieces.append(__torch__.groups(q, k, v, head, tail, group))
  if length > tail:
    pieces.append(__torch__.groups(q, k, v, tail, length, length - tail))
  return __torch__.joined(pieces, 1)
# The keys of a window that ends with each query: its own block and the block before.
def window_mask(like: Tensor, window: int) -> Tensor:
  ones = torch.new_ones(like, [window, 2 * window], dtype=11)
  return ones.tril(window).triu(1)
# Overlapping spans of two blocks: (batch, heads, (n + 1) * window, dim) -> (batch * n, heads, 2 * window, dim)
def spans(x: Tensor, window: int) -> Tensor:
  return x.unfold(2, 2 * window, window).transpose(3, 4).transpose(1, 2).flatten(0, 1)
def windowed(q: Tensor, k: Tensor, v: Tensor, window: int) -> Tensor:
  length = q.size(2)
  if length <= window:
    return __torch__.causal(q, k, v)
  pieces = [__torch__.groups(q, k, v, 0, window, window)]
  mask = __torch__.window_mask(q, window)
  whole = length - length % window
  if whole > window:
    out = torch.scaled_dot_product_attention(
        __torch__.fold(q[:, :, window:whole], window),
        __torch__.spans(k[:, :, :whole], window),
        __torch__.spans(v[:, :, :whole], window),
        mask, 0., False)
    pieces.append(out.transpose(1, 2).reshape([q.size(0), whole - window, q.size(1), q.size(3)]))
  rest = length - whole
  if rest > 0:
    start = whole - window
    out = torch.scaled_dot_product_attention(q[:, :, whole:], k[:, :, start:], v[:, :, start:], mask[:rest, :window + rest], 0., False)
    pieces.append(out.transpose(1, 2))
  return __torch__.joined(pieces, 1)
# Every rate-th position, for each of the first few starts: (batch * classes, heads, n, dim)
def residues(x: Tensor, classes: int, rate: int) -> Tensor:
  return x.unfold(2, classes, rate).permute([0, 4, 1, 2, 3]).flatten(0, 1)
# Attention within each residue class: (batch, n, classes, heads, dim)
def classes(q: Tensor, k: Tensor, v: Tensor, count: int, rate: int) -> Tensor:
  out = __torch__.causal(__torch__.residues(q, count, rate), __torch__.residues(k, count, rate), __torch__.residues(v, count, rate))
  return out.unflatten(0, [q.size(0), count]).transpose(1, 2)
def dilated_groups(q: Tensor, k: Tensor, v: Tensor, rate: int) -> Tensor:
  length = q.size(2)
  rows = length // rate
  longer = length % rate
  if longer == 0:
    return __torch__.classes(q, k, v, rate, rate).flatten(1, 2)
  # The first classes have a position more than the others.
  first = __torch__.classes(q, k, v, longer, rate)
  if rows == 0:
    return first.flatten(1, 2)
  others = __torch__.classes(q[:, :, longer:], k[:, :, longer:], v[:, :, longer:], rate - longer, rate)
  whole = torch.cat([first[:, :rows], others], 2).flatten(1, 2)
  return torch.cat([whole, first[:, rows]], 1)
class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def rolled(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, group_size: Tensor) -> Tensor:
    heads = q.size(1)
    keys = __torch__.shared_heads(k, heads)
    values = __torch__.shared_heads(v, heads)
    group = int(group_size)
    plain = heads // 2
    shift = group // 2
    plain_keys = keys[:, :plain]
    plain_values = values[:, :plain]
    # The published code's repeats of a single head share memory: rolling half of them rolls all.
    if k.size(1) == 1:
      plain_keys = plain_keys.roll([-shift], [2])
      plain_values = plain_values.roll([-shift], [2])
    moved = __torch__.grouped(
        q[:, plain:].roll([-shift], [2]),
        keys[:, plain:].roll([-shift], [2]),
        values[:, plain:].roll([-shift], [2]),
        0, group)
    halves = [__torch__.grouped(q[:, :plain], plain_keys, plain_values, 0, group), moved.roll([shift], [1])]
    return torch.cat(halves, 2).transpose(1, 2)
  def local(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, window: Tensor) -> Tensor:
    heads = q.size(1)
    return __torch__.windowed(q, __torch__.shared_heads(k, heads), __torch__.shared_heads(v, heads), int(window)).transpose(1, 2)
  def dilated(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, rate: Tensor) -> Tensor:
    heads = q.size(1)
    return __torch__.dilated_groups(q, __torch__.shared_heads(k, heads), __torch__.shared_heads(v, heads), int(rate)).transpose(1, 2)
  def strided(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, window: Tensor, rate: Tensor) -> Tensor:
    heads = q.size(1)
    keys = __torch__.shared_heads(k, heads)
    values = __torch__.shared_heads(v, heads)
    near = heads // 2
    halves = [
        __torch__.windowed(q[:, :near], keys[:, :near], values[:, :near], int(window)),
        __torch__.dilated_groups(q[:, near:], keys[:, near:], values[:, near:], int(rate))]
    return torch.cat(halves, 2).transpose(1, 2)
