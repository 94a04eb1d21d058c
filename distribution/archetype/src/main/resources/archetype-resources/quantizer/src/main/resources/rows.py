class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # dtype 1 is int8, dtype 6 float32
  def quantize(self: __torch__.Kernels, weight: Tensor) -> Tuple[Tensor, Tensor]:
    scales = torch.clamp_min(torch.amax(torch.abs(weight), [1], True), 1e-30) / 127.
    return (torch.round(weight / scales).to(1), scales)
  def dequantize(self: __torch__.Kernels, target: Tensor, codes: Tensor, scales: Tensor) -> Tensor:
    return torch.copy_(target, codes.to(6) * scales)
