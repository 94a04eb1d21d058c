class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # a moment's codes (size), the scales of its blocks of 256, the levels of the codes -> float32 (size)
  def decode(self: __torch__.Kernels, codes: Tensor, absmax: Tensor, levels: Tensor) -> Tensor:
    scales = torch.repeat_interleave(absmax, 256)[:codes.size(0)]
    return torch.index_select(levels, 0, codes.to(3)) * scales
  # the way back: overwrites codes and scales
  def encode(self: __torch__.Kernels, values: Tensor, midpoints: Tensor, codes: Tensor, absmax: Tensor) -> Tensor:
    padding = absmax.size(0) * 256 - values.size(0)
    blocks = torch.constant_pad_nd(values, [0, padding], 0).view([-1, 256])
    largest = torch.amax(torch.abs(blocks), [1])
    divisor = torch.where(torch.eq(largest, 0), torch.ones_like(largest), largest)
    nearest = torch.bucketize(blocks / torch.unsqueeze(divisor, 1), midpoints)
    _ = torch.copy_(absmax, largest)
    return torch.copy_(codes, nearest.flatten()[:codes.size(0)])
  def adamw(self: __torch__.Kernels, parameter: Tensor, gradient: Tensor, first: Tensor, second: Tensor, scale: Tensor, decay: Tensor, beta1: Tensor, beta2: Tensor, step_size: Tensor, correction: Tensor, epsilon: Tensor) -> Tensor:
    scaled = gradient * float(scale)
    _ = torch.mul_(parameter, float(decay))
    _0 = torch.lerp_(first, scaled, 1. - float(beta1))
    _1 = torch.addcmul_(torch.mul_(second, float(beta2)), scaled, scaled, value=1. - float(beta2))
    denominator = torch.sqrt(second) / float(correction) + float(epsilon)
    return torch.addcdiv_(parameter, first, denominator, value=torch.neg(float(step_size)))
