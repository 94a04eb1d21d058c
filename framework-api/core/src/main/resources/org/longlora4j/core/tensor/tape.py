class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # The result, from now on a leaf, twice: one handle to keep, one to give away. A view instead would
  # let autograd accumulate into memory that two leaves share.
  def begin(self: __torch__.Kernels, x: Tensor) -> Tuple[Tensor, Tensor]:
    leaf = torch.requires_grad_(x, True)
    return (leaf, leaf)
  # Another handle on x, which gradients pass
  def alias(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.view_as(x, x)
  def requires_gradient(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.full([1], ops.prim.requires_grad(x), dtype=11)
  # What autograd brought to a leaf plus what came otherwise: no elements stand for nothing
  def gradient(self: __torch__.Kernels, leaf: Tensor, other: Tensor) -> Tensor:
    found = ops.prim.grad(leaf)
    total = other
    if torch.__isnot__(found, None):
      brought = unchecked_cast(Tensor, found)
      total = brought
      if torch.numel(other) > 0:
        total = brought + other
    return total
