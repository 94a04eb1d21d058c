class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # torch.optim.AdamW's step, its operations in its order, in place
  def adamw(self: __torch__.Kernels, parameter: Tensor, gradient: Tensor, exp_avg: Tensor, exp_avg_sq: Tensor, scale: Tensor, decay: Tensor, beta1: Tensor, beta2: Tensor, step_size: Tensor, correction: Tensor, epsilon: Tensor) -> Tensor:
    scaled = gradient * float(scale)
    _ = torch.mul_(parameter, float(decay))
    _0 = torch.lerp_(exp_avg, scaled, 1. - float(beta1))
    _1 = torch.addcmul_(torch.mul_(exp_avg_sq, float(beta2)), scaled, scaled, value=1. - float(beta2))
    denominator = torch.sqrt(exp_avg_sq) / float(correction) + float(epsilon)
    return torch.addcdiv_(parameter, exp_avg, denominator, value=torch.neg(float(step_size)))
  def squared_norm(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.sum(x * x)
