def half_shift(x: Tensor, shift: int) -> Tensor:
  heads = x.size(1) // 2
  return torch.cat([x[:, :heads], x[:, heads:].roll([shift], [2])], 1)
class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def scale(self: __torch__.Kernels, x: Tensor, by: Tensor) -> Tensor:
    return x * float(by)
  def shift(self: __torch__.Kernels, x: Tensor, by: Tensor) -> Tensor:
    return __torch__.half_shift(x, int(by))
  def both(self: __torch__.Kernels, x: Tensor) -> Tuple[Tensor, Tensor]:
    return (x + 1, x.to(15))
  def add_three_numbers(
      self: __torch__.Kernels, x: Tensor, first: Tensor,
      second: Tensor, third: Tensor) -> Tensor:
    return x + float(first) + float(second) + float(third)
