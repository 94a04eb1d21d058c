class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # x (rows, in), weight (out, in) -> (rows, out), in their number format
  def product(self: __torch__.Kernels, x: Tensor, weight: Tensor) -> Tensor:
    return torch.linear(x, weight)
  def as_bfloat16(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return x.to(15)
  def copy(self: __torch__.Kernels, target: Tensor, source: Tensor) -> Tensor:
    return target.copy_(source)
