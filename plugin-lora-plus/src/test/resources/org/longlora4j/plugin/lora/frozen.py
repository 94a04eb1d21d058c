class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def linear(self: __torch__.Kernels, x: Tensor, weight: Tensor) -> Tensor:
    return torch.linear(x, weight)
  def to_bfloat16(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return x.to(15)
  def to_float32(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return x.to(6)
