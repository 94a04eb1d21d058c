# Attention goes through blocks of queries, each with all keys before it: two products of matrices,
# with the block's probabilities between them and never those of a whole sequence.
# Small blocks compute less of the diagonal's upper half, large ones are the better products.
def block(length: int) -> int:
  size = 128
  if length > 1024:
    size = 256
  return size
# How many sequences go side by side: enough for calls to be few, and their probabilities are to stay
# in the processor's cache.
def abreast(length: int) -> int:
  fitting = 2097152 // (__torch__.block(length) * length)
  if fitting < 2:
    fitting = 2
  return fitting
def pieces(length: int, size: int) -> int:
  return (length + size - 1) // size
def end_of(piece: int, size: int, length: int) -> int:
  end = (piece + 1) * size
  if end > length:
    end = length
  return end
def causal_mask(like: Tensor, size: int) -> Tensor:
  return torch.triu(torch.new_full(like, [size, size], -1e30), 1)
# Positions begin .. end, laid out as products want them: left to themselves they copy a part at every
# use, and a transposed one element by element. One sequence's need no copy.
def laid_out(x: Tensor, begin: int, end: int) -> Tensor:
  return torch.flatten(x[:, begin:end], 0, 1).view([x.size(0), end - begin, x.size(2)])
# q (n, queries, dim), scaled, k (n, keys, dim) -> (n, queries, keys); the last keys are the queries' own
def probabilities(q: Tensor, k: Tensor, mask: Tensor) -> Tensor:
  scores = torch.bmm(q, k.transpose(1, 2))
  rows = q.size(1)
  _ = torch.add_(torch.narrow(scores, 2, k.size(1) - rows, rows), mask[:rows, :rows])
  return torch.softmax(scores, 2)
def scaled(q: Tensor) -> Tensor:
  return q * (1. / torch.sqrt(float(q.size(2))))
# q, k, v (n, length, dim) -> the same
def causal(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
  length = q.size(1)
  size = __torch__.block(length)
  mask = __torch__.causal_mask(q, size)
  out = torch.empty_like(q)
  n = __torch__.abreast(length)
  for c in range(__torch__.pieces(q.size(0), n)):
    first = c * n
    last = __torch__.end_of(c, n, q.size(0))
    qc = __torch__.scaled(q[first:last])
    kc = k[first:last]
    vc = v[first:last]
    for i in range(__torch__.pieces(length, size)):
      begin = i * size
      end = __torch__.end_of(i, size, length)
      p = __torch__.probabilities(__torch__.laid_out(qc, begin, end), __torch__.laid_out(kc, 0, end), mask)
      _ = torch.copy_(out[first:last, begin:end], torch.bmm(p, __torch__.laid_out(vc, 0, end)))
  return out
# The gradients of q, k and v; those of k and v add up over the blocks in float32.
def causal_backward(q: Tensor, k: Tensor, v: Tensor, gradient: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
  length = q.size(1)
  scale = 1. / torch.sqrt(float(q.size(2)))
  size = __torch__.block(length)
  mask = __torch__.causal_mask(q, size)
  dq = torch.empty_like(q)
  dk = torch.empty_like(k)
  dv = torch.empty_like(v)
  n = __torch__.abreast(length)
  for c in range(__torch__.pieces(q.size(0), n)):
    first = c * n
    last = __torch__.end_of(c, n, q.size(0))
    qc = __torch__.scaled(q[first:last])
    kc = k[first:last]
    vc = v[first:last]
    dkc = torch.zeros_like(kc, dtype=6)
    dvc = torch.zeros_like(vc, dtype=6)
    for i in range(__torch__.pieces(length, size)):
      begin = i * size
      end = __torch__.end_of(i, size, length)
      qi = __torch__.laid_out(qc, begin, end)
      ki = __torch__.laid_out(kc, 0, end)
      gi = __torch__.laid_out(gradient[first:last], begin, end)
      p = __torch__.probabilities(qi, ki, mask)
      _ = torch.add_(dvc[:, :end], torch.bmm(p.transpose(1, 2), gi))
      dp = torch.bmm(gi, __torch__.laid_out(vc, 0, end).transpose(1, 2))
      ds = torch._softmax_backward_data(dp, p, 2, ops.prim.dtype(q))
      _1 = torch.copy_(dq[first:last, begin:end], torch.bmm(ds, ki) * scale)
      _2 = torch.add_(dkc[:, :end], torch.bmm(ds.transpose(1, 2), qi))
    _3 = torch.copy_(dk[first:last], dkc)
    _4 = torch.copy_(dv[first:last], dvc)
  return (dq, dk, dv)
# Where one head's segments begin and how long they are: a first one, as many of one size as fit, and
# what is left; an entry is (start, end, size).
def runs(first: int, size: int, length: int) -> List[List[int]]:
  found = annotate(List[List[int]], [])
  head = first
  if head > length:
    head = length
  tail = length - (length - head) % size
  if head > 0:
    found.append([0, head, head])
  if tail > head:
    found.append([head, tail, size])
  if length > tail:
    found.append([tail, length, length - tail])
  return found
# Heads from .. to of positions start .. end, cut into segments: (batch * heads * n, size, dim)
def cut(x: Tensor, heads: List[int], run: List[int]) -> Tensor:
  part = x[:, heads[0]:heads[1], run[0]:run[1]]
  return torch.reshape(part, [-1, run[2], x.size(3)])
def paste(x: Tensor, heads: List[int], run: List[int], cut: Tensor) -> None:
  part = x[:, heads[0]:heads[1], run[0]:run[1]]
  _ = torch.copy_(part, cut.view(torch.size(part)))
# The key and value head of every query head
def shared_heads(x: Tensor, heads: int) -> Tensor:
  groups = heads // x.size(1)
  if groups == 1:
    return x
  return torch.repeat_interleave(x, groups, 1)
# The gradient of a head that several queries share is the sum of theirs.
def summed_heads(x: Tensor, heads: int) -> Tensor:
  if x.size(1) == heads:
    return x
  return x.unflatten(1, [heads, -1]).to(6).sum([2])
# As much memory, laid out as (batch, length, heads, dim)
def like_rows(x: Tensor) -> Tensor:
  return torch.new_empty(x, [x.size(0), x.size(2), x.size(1), x.size(3)]).transpose(1, 2)
class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # Each row of `segments` is heads, first, size: the next so many query heads attend within a first
  # segment (none if 0) and segments of a size behind it.
  def attention(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, segments: Tensor) -> Tensor:
    keys = __torch__.shared_heads(k, q.size(1))
    values = __torch__.shared_heads(v, q.size(1))
    out = __torch__.like_rows(q)
    head = 0
    for s in range(segments.size(0)):
      heads = [head, head + int(segments[s, 0])]
      head = heads[1]
      for run in __torch__.runs(int(segments[s, 1]), int(segments[s, 2]), q.size(2)):
        attended = __torch__.causal(
            __torch__.cut(q, heads, run), __torch__.cut(keys, heads, run), __torch__.cut(values, heads, run))
        __torch__.paste(out, heads, run, attended)
    return out
  def attention_backward(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, segments: Tensor, gradient: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    keys = __torch__.shared_heads(k, q.size(1))
    values = __torch__.shared_heads(v, q.size(1))
    dq = __torch__.like_rows(q)
    dk = __torch__.like_rows(q)
    dv = __torch__.like_rows(q)
    head = 0
    for s in range(segments.size(0)):
      heads = [head, head + int(segments[s, 0])]
      head = heads[1]
      for run in __torch__.runs(int(segments[s, 1]), int(segments[s, 2]), q.size(2)):
        dqs, dks, dvs, = __torch__.causal_backward(
            __torch__.cut(q, heads, run), __torch__.cut(keys, heads, run), __torch__.cut(values, heads, run),
            __torch__.cut(gradient, heads, run))
        __torch__.paste(dq, heads, run, dqs)
        __torch__.paste(dk, heads, run, dks)
        __torch__.paste(dv, heads, run, dvs)
    return (dq, torch.type_as(__torch__.summed_heads(dk, k.size(1)), k), torch.type_as(__torch__.summed_heads(dv, v.size(1)), v))
  # The same by PyTorch's fused kernel, which autograd differentiates
  def fused_attention(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, segments: Tensor) -> Tensor:
    keys = __torch__.shared_heads(k, q.size(1))
    values = __torch__.shared_heads(v, q.size(1))
    parts = annotate(List[Tensor], [])
    head = 0
    for s in range(segments.size(0)):
      heads = [head, head + int(segments[s, 0])]
      head = heads[1]
      pieces = annotate(List[Tensor], [])
      for run in __torch__.runs(int(segments[s, 1]), int(segments[s, 2]), q.size(2)):
        attended = torch.scaled_dot_product_attention(
            torch.unsqueeze(__torch__.cut(q, heads, run), 0),
            torch.unsqueeze(__torch__.cut(keys, heads, run), 0),
            torch.unsqueeze(__torch__.cut(values, heads, run), 0), None, 0., True)
        pieces.append(attended.view([q.size(0), heads[1] - heads[0], run[1] - run[0], q.size(3)]))
      parts.append(torch.cat(pieces, 2))
    return torch.cat(parts, 1)
