def shared_heads(x: Tensor, heads: int) -> Tensor:
  groups = heads // x.size(1)
  if groups == 1:
    return x
  return torch.repeat_interleave(x, groups, 1)
# The numbers from start to end, on the device of `like`.
def positions(like: Tensor, start: int, end: int) -> Tensor:
  return torch.cumsum(torch.new_ones(like, [end - start], dtype=4), 0) + (start - 1)
# Queries start to end, with the keys from `first` to the end and the sinks that lie before those.
def block(q: Tensor, k: Tensor, v: Tensor, start: int, end: int, first: int, sinks: int, window: int) -> Tensor:
  apart = sinks
  if apart > first:
    apart = first
  queries = torch.unsqueeze(__torch__.positions(q, start, end), 1)
  keys = torch.cat([__torch__.positions(q, 0, apart), __torch__.positions(q, first, end)], 0)
  near = torch.lt(queries - keys, window)
  visible = torch.logical_and(torch.le(keys, queries), torch.logical_or(near, torch.lt(keys, sinks)))
  return torch.scaled_dot_product_attention(
      q[:, :, start:end],
      torch.cat([k[:, :, :apart], k[:, :, first:end]], 2),
      torch.cat([v[:, :, :apart], v[:, :, first:end]], 2),
      visible, 0., False)
class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def sink_window(self: __torch__.Kernels, query: Tensor, key: Tensor, value: Tensor, sinks: Tensor, window: Tensor) -> Tensor:
    heads = query.size(1)
    length = query.size(2)
    size = int(window)
    keys = __torch__.shared_heads(key, heads)
    values = __torch__.shared_heads(value, heads)
    pieces = annotate(List[Tensor], [])
    for i in range((length + size - 1) // size):
      start = i * size
      end = start + size
      if end > length:
        end = length
      first = start - size + 1
      if first < 0:
        first = 0
      pieces.append(__torch__.block(query, keys, values, start, end, first, int(sinks), size))
    return torch.cat(pieces, 2)
