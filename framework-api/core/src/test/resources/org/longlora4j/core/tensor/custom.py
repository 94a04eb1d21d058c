class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # Autograd's gradient of rounding is zero.
  def rounded(self: __torch__.Kernels, x: Tensor, steps: Tensor) -> Tensor:
    return torch.round(x * float(steps)) / float(steps)
  def rounded_backward(self: __torch__.Kernels, x: Tensor, steps: Tensor, gradient: Tensor) -> List[Tensor]:
    return [torch.clone(gradient)]
  # The sum of x and the squares of y, in the memory of x
  def add_squares(self: __torch__.Kernels, x: Tensor, y: Tensor) -> Tensor:
    sum = torch.addcmul_(x, y, y)
    return torch.view_as(sum, sum)
  def add_squares_backward(self: __torch__.Kernels, x: Tensor, y: Tensor, gradient: Tensor) -> Tuple[Tensor, Tensor]:
    return (gradient, gradient * y * 2)
  def first_of_backward(self: __torch__.Kernels, x: Tensor, steps: Tensor, gradient: Tensor) -> List[Tensor]:
    return [gradient[:1]]
  def two_backward(self: __torch__.Kernels, x: Tensor, steps: Tensor, gradient: Tensor) -> List[Tensor]:
    return [gradient, gradient]
