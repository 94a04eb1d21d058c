def turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
  rotary = cos.size(-1)
  rest = x.size(3) - rotary
  part = torch.narrow(x, 3, 0, rotary)
  half = rotary // 2
  swapped = torch.cat([torch.neg(torch.narrow(part, 3, half, half)), torch.narrow(part, 3, 0, half)], 3)
  result = torch.type_as(part * cos + swapped * sin, x)
  if rest == 0:
    return result
  return torch.cat([result, torch.narrow(x, 3, rotary, rest)], 3)
def turned_from(x: Tensor, cos: Tensor, sin: Tensor, first: int) -> Tensor:
  return __torch__.turned(x, torch.narrow(cos, 0, first, x.size(2)), torch.narrow(sin, 0, first, x.size(2)))
def for_all_heads(x: Tensor, heads: int) -> Tensor:
  groups = heads // x.size(1)
  if groups == 1:
    return x
  return torch.repeat_interleave(x, groups, 1)
class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # memory for rows like (batch, heads, n, headDim)
  def allocate(self: __torch__.Kernels, like: Tensor, capacity: Tensor) -> Tensor:
    return torch.new_empty(like, [like.size(0), like.size(1), int(capacity), like.size(3)])
  # larger memory with the same first rows
  def grow(self: __torch__.Kernels, cache: Tensor, capacity: Tensor, length: Tensor) -> Tensor:
    grown = torch.new_empty(cache, [cache.size(0), cache.size(1), int(capacity), cache.size(3)])
    _ = torch.copy_(torch.narrow(grown, 2, 0, int(length)), torch.narrow(cache, 2, 0, int(length)))
    return grown
  # puts rows (batch, heads, n, headDim) at begin, and shows all up to their end
  def append(self: __torch__.Kernels, cache: Tensor, rows: Tensor, begin: Tensor) -> Tensor:
    first = int(begin)
    _ = torch.copy_(torch.narrow(cache, 2, first, rows.size(2)), rows)
    return torch.narrow(cache, 2, 0, first + rows.size(2))
  # moves count rows from one place to an earlier one
  def move(self: __torch__.Kernels, cache: Tensor, source: Tensor, target: Tensor, count: Tensor) -> Tensor:
    rows = torch.narrow(cache, 2, int(source), int(count)).clone()
    return torch.copy_(torch.narrow(cache, 2, int(target), int(count)), rows)
  # one query against all keys; the heads that share keys stand side by side as queries of one head
  def attend_one(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    shared = torch.reshape(q, [q.size(0), k.size(1), -1, q.size(3)])
    attended = torch.scaled_dot_product_attention(shared, k, v, None, 0., False)
    return torch.reshape(attended, [q.size(0), q.size(1), 1, q.size(3)])
  # what count queries from position first on may see of all keys up to the last: 0, or -inf
  def causal_mask(self: __torch__.Kernels, like: Tensor, first: Tensor, count: Tensor) -> Tensor:
    before = int(first)
    n = int(count)
    return torch.log(torch.tril(torch.new_ones(like, [n, before + n]), before))
  # n queries against all keys, of which each sees what its row of the mask (n, keys) allows
  def attend_some(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    keys = __torch__.for_all_heads(k, q.size(1))
    values = __torch__.for_all_heads(v, q.size(1))
    return torch.scaled_dot_product_attention(q, keys, values, mask, 0., False)
  # Keys (batch, keyValueHeads, rows, headDim) as projected: sinks first, then the rows begin .. end of
  # the window, as are the values. Those of the window stand at positions from 0 on, the queries among
  # them from `first` on; the sinks stand at theirs, and before them each query at its place (n) in the
  # cache. mask (n, sinks + window)
  def attend_rolling(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, sinks: Tensor, begin: Tensor, end: Tensor, first: Tensor, cos: Tensor, sin: Tensor, places: Tensor, mask: Tensor) -> Tensor:
    kept = int(sinks)
    start = int(begin)
    count = int(end) - start
    heads = q.size(1)
    far = __torch__.turned_from(torch.narrow(k, 2, 0, kept), cos, sin, 0)
    near = __torch__.turned_from(torch.narrow(k, 2, start, count), cos, sin, 0)
    far_q = __torch__.turned(q, torch.index_select(cos, 0, places), torch.index_select(sin, 0, places))
    near_q = __torch__.turned_from(q, cos, sin, int(first))
    far_scores = torch.matmul(far_q, torch.transpose(__torch__.for_all_heads(far, heads), 2, 3))
    near_scores = torch.matmul(near_q, torch.transpose(__torch__.for_all_heads(near, heads), 2, 3))
    scale = torch.rsqrt(torch.full([], q.size(3), dtype=6))
    scores = torch.cat([far_scores, near_scores], 3).to(6) * scale + mask
    shares = torch.type_as(torch.softmax(scores, 3), v)
    shown = torch.cat([torch.narrow(v, 2, 0, kept), torch.narrow(v, 2, start, count)], 2)
    return torch.matmul(shares, __torch__.for_all_heads(shown, heads))
