class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def broken(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return x + nowhere
