class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # x (batch, length, heads * 3 * headDim) -> (batch, length, heads * headDim): the queries, keys or values
  def part(self: __torch__.Kernels, x: Tensor, heads: Tensor, index: Tensor) -> Tensor:
    split = x.view([x.size(0), x.size(1), int(heads), 3, -1])
    return torch.flatten(torch.select(split, 3, int(index)), 2)
  def gelu_tanh(self: __torch__.Kernels, x: Tensor) -> Tensor:
    wide = x.to(6)
    slope = torch.tanh((wide + wide * wide * wide * 0.044715) * 0.7978845608028654)
    return torch.type_as(wide * (slope + 1) * 0.5, x)
