def expand_blocks(target: Tensor, values: Tensor, scales: Tensor, block_size: int) -> Tensor:
  return torch.copy_(target.view([-1, block_size]), values.view([-1, block_size]) * torch.unsqueeze(scales, 1))
class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def nested_scales(self: __torch__.Kernels, codes: Tensor, absmax: Tensor, levels: Tensor, offset: Tensor) -> Tensor:
    blocks = codes.size(0)
    return torch.index_select(levels, 0, codes.to(3)) * torch.repeat_interleave(absmax, 256)[:blocks] + float(offset)
  def expand(self: __torch__.Kernels, target: Tensor, packed: Tensor, scales: Tensor, pairs: Tensor, block_size: Tensor) -> Tensor:
    size = int(block_size)
    flat = target.view([-1])
    length = flat.size(0)
    blocks = length // size
    whole = blocks * size
    values = torch.index_select(pairs, 0, packed.flatten().to(3)).view([-1])
    if whole > 0:
      full = __torch__.expand_blocks(flat[:whole], values[:whole], scales[:blocks], size)
    if whole < length:
      tail = __torch__.expand_blocks(flat[whole:], values[whole:length], scales[blocks:], length - whole)
    return target
  def expand_rows(self: __torch__.Kernels, target: Tensor, codes: Tensor, scales: Tensor) -> Tensor:
    return torch.copy_(target, codes.to(6) * torch.unsqueeze(scales, 1) * 0.007874015718698502)
