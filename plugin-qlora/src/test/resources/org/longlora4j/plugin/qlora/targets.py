class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def to_bfloat16(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return x.to(15)
