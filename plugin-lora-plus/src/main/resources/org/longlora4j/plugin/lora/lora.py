class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def add_low_rank(self: __torch__.Kernels, frozen: Tensor, x: Tensor, a: Tensor, b: Tensor, scaling: Tensor, dropout: Tensor) -> Tensor:
    kept = torch.dropout(x, float(dropout), True)
    inner = torch.linear(torch.flatten(kept, 0, -2), torch.type_as(a, x)) * float(scaling)
    y = torch.addmm(torch.flatten(frozen, 0, -2), inner, torch.t(torch.type_as(b, x)))
    return torch.view_as(y, frozen)
  def merge(self: __torch__.Kernels, weight: Tensor, a: Tensor, b: Tensor, scaling: Tensor) -> Tensor:
    return torch.addmm(weight, b, a, alpha=float(scaling))
