def shared_heads(x: Tensor, heads: int) -> Tensor:
  groups = heads // x.size(1)
  if groups == 1:
    return x
  return torch.repeat_interleave(x, groups, 1)
class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def causal_attention(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    heads = q.size(1)
    return torch.scaled_dot_product_attention(q, __torch__.shared_heads(k, heads), __torch__.shared_heads(v, heads), None, 0., True)
