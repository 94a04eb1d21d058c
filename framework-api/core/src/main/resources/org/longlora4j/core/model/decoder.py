def heads_first(x: Tensor, heads: int) -> Tensor:
  return torch.transpose(x.view([x.size(0), x.size(1), heads, -1]), 1, 2)
# x (.., length, headDim), cos and sin (length, rotaryDim)
def turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
  rotary = cos.size(-1)
  rest = x.size(3) - rotary
  part = torch.narrow(x, 3, 0, rotary)
  half = rotary // 2
  swapped = torch.cat([torch.neg(torch.narrow(part, 3, half, half)), torch.narrow(part, 3, 0, half)], 3)
  result = torch.type_as(part * cos + swapped * sin, x)
  if rest == 0:
    return result
  return torch.cat([result, torch.narrow(x, 3, rotary, rest)], 3)
class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # tokens (batch, length) -> (batch, length, hidden), in the number format of `like`
  def embed(self: __torch__.Kernels, weight: Tensor, tokens: Tensor, like: Tensor) -> Tensor:
    return torch.type_as(torch.embedding(weight, tokens), like)
  def rms_norm(self: __torch__.Kernels, x: Tensor, weight: Tensor, epsilon: Tensor) -> Tensor:
    wide = x.to(6)
    scale = torch.rsqrt((wide * wide).mean([-1], True) + float(epsilon))
    return torch.type_as(wide * scale * weight, x)
  def layer_norm(self: __torch__.Kernels, x: Tensor, weight: Tensor, bias: Tensor, epsilon: Tensor) -> Tensor:
    return torch.type_as(torch.layer_norm(x.to(6), [x.size(-1)], weight, bias, float(epsilon)), x)
  # x (.., in), weight (out, in) -> (.., out); a float32 weight that trains is cast to x's format
  def linear(self: __torch__.Kernels, x: Tensor, weight: Tensor) -> Tensor:
    return torch.linear(x, torch.type_as(weight, x))
  def linear_bias(self: __torch__.Kernels, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.linear(x, torch.type_as(weight, x), torch.type_as(bias, x))
  def swiglu(self: __torch__.Kernels, gate: Tensor, up: Tensor) -> Tensor:
    return torch.silu(gate) * up
  def gelu(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.gelu(x)
  # x (batch, length, heads * headDim) -> (batch, heads, length, headDim)
  def split_heads(self: __torch__.Kernels, x: Tensor, heads: Tensor) -> Tensor:
    return __torch__.heads_first(x, int(heads))
  # the same, and each pair of dimensions (i, i + rotaryDim / 2) turned by the angle of its position,
  # which is that of the row's first token plus its place in the row; what lies behind them stays
  def rotate_heads(self: __torch__.Kernels, x: Tensor, heads: Tensor, cos: Tensor, sin: Tensor, first: Tensor) -> Tensor:
    split = __torch__.heads_first(x, int(heads))
    cosines = torch.narrow(cos, -2, int(first), x.size(1))
    sines = torch.narrow(sin, -2, int(first), x.size(1))
    return __torch__.turned(split, cosines, sines)
  # (batch, heads, length, headDim) -> (batch, length, heads * headDim)
  def merge_heads(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.flatten(torch.transpose(x, 1, 2), 2)
  # normed (tokens, hidden), labels (tokens) -> the sum of cross entropies, times scale, in float32
  def loss(self: __torch__.Kernels, normed: Tensor, head: Tensor, labels: Tensor, scale: Tensor) -> Tensor:
    logits = torch.linear(normed, torch.type_as(head, normed)).to(6)
    return torch.cross_entropy_loss(logits, labels, None, 2, -100) * float(scale)
  def logits(self: __torch__.Kernels, normed: Tensor, head: Tensor) -> Tensor:
    return torch.linear(normed, torch.type_as(head, normed)).to(6)
  # normed (tokens, hidden), labels (tokens) -> (2, tokens), float32: the cross entropy of each, and 1
  # where the likeliest token is the label, else 0
  def scores(self: __torch__.Kernels, normed: Tensor, head: Tensor, labels: Tensor) -> Tensor:
    logits = torch.linear(normed, torch.type_as(head, normed)).to(6)
    nats = torch.cross_entropy_loss(logits, labels, None, 0, -100)
    return torch.stack([nats, torch.eq(torch.argmax(logits, 1), labels).to(6)])
  # positions begin .. begin + count of (batch, length, hidden), rows one after another, as a copy
  def positions(self: __torch__.Kernels, hidden: Tensor, begin: Tensor, count: Tensor) -> Tensor:
    return torch.narrow(torch.flatten(hidden, 0, 1), 0, int(begin), int(count)).clone()
  # rows one after another, cut into pieces: (batch, length, width) -> each (1, sizes[i], width)
  def segments(self: __torch__.Kernels, x: Tensor, sizes: Tensor) -> List[Tensor]:
    lengths = annotate(List[int], [])
    for i in range(sizes.size(0)):
      lengths.append(int(sizes[i]))
    return torch.split_with_sizes(torch.unsqueeze(torch.flatten(x, 0, 1), 0), lengths, 1)
  def zeros(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.zeros_like(x)
  # (1, batch * length, width) -> (batch, length, width)
  def rows(self: __torch__.Kernels, x: Tensor, batch: Tensor) -> Tensor:
    return x.view([int(batch), -1, x.size(2)])
  def as_float32(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return x.to(6)
  def as_bfloat16(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return x.to(15)
