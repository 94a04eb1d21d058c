def shared_heads(x: Tensor, heads: int) -> Tensor:
  groups = heads // x.size(1)
  if groups == 1:
    return x
  return torch.repeat_interleave(x, groups, 1)
class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def window(self: __torch__.Kernels, query: Tensor, key: Tensor, value: Tensor, size: Tensor) -> Tensor:
    heads = query.size(1)
    length = query.size(2)
    # tril takes away what comes later, triu what is too long ago
    visible = torch.new_ones(query, [length, length], dtype=11).tril(0).triu(1 - int(size))
    return torch.scaled_dot_product_attention(
        query, __torch__.shared_heads(key, heads), __torch__.shared_heads(value, heads),
        visible, 0., False)
