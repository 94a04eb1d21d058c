def heads_first(x: Tensor, heads: int) -> Tensor:
  return torch.transpose(x.view([x.size(0), x.size(1), heads, -1]), 1, 2)
# x (.., length, headDim), cos and sin (length, rotaryDim), used in the format of x, as transformers
# does it, which also rounds the products one by one to that format
def turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
  rotary = cos.size(-1)
  rest = x.size(3) - rotary
  part = torch.narrow(x, 3, 0, rotary)
  half = rotary // 2
  sines = torch.type_as(sin, x)
  result = part * torch.type_as(cos, x)
  low = torch.narrow(result, 3, 0, half)
  high = torch.narrow(result, 3, half, half)
  _ = torch.addcmul_(low, torch.narrow(part, 3, half, half), torch.narrow(sines, -1, 0, half), value=-1)
  _1 = torch.addcmul_(high, torch.narrow(part, 3, 0, half), torch.narrow(sines, -1, half, half))
  if rest == 0:
    return result
  return torch.cat([result, torch.narrow(x, 3, rotary, rest)], 3)
# How many of x's rows go at once through operations that follow one another: on a processor what
# lies between them is to stay in its cache.
def rows_at_once(x: Tensor) -> int:
  rows = 1048576 // x.size(1)
  if ops.prim.is_cuda(x):
    rows = x.size(0)
  if rows < 32:
    rows = 32
  return rows
# Where such pieces of rows (n, width) begin and end
def ranges(rows: Tensor) -> List[Tuple[int, int]]:
  found = annotate(List[Tuple[int, int]], [])
  size = __torch__.rows_at_once(rows)
  for i in range((rows.size(0) + size - 1) // size):
    end = (i + 1) * size
    if end > rows.size(0):
      end = rows.size(0)
    found.append((i * size, end))
  return found
# The sum of cross entropies times scale; the logits become their gradient.
def cross_entropy_(logits: Tensor, labels: Tensor, scale: float) -> Tensor:
  sum = torch.new_zeros(logits, [], dtype=6)
  at = torch.unsqueeze(torch.clamp_min(labels, 0), 1)
  factors = torch.unsqueeze(torch.ne(labels, -100).to(6) * scale, 1)
  for begin, end, in __torch__.ranges(logits):
    piece = logits[begin:end]
    logarithms = torch.log_softmax(piece.to(6), 1)
    sum = sum + torch.nll_loss(logarithms, labels[begin:end], None, 2, -100)
    gradient = torch.exp_(logarithms)
    label = at[begin:end]
    _ = torch.scatter_add_(gradient, 1, label, torch.full_like(label, -1., dtype=6))
    _1 = torch.copy_(piece, torch.mul_(gradient, factors[begin:end]))
  return sum * scale
# rows normalized, as float32, and the factor by which
def normalized(x: Tensor, epsilon: float) -> Tuple[Tensor, Tensor]:
  wide = x.to(6)
  scale = torch.rsqrt((wide * wide).mean([-1], True) + epsilon)
  return (wide * scale, scale)
# weighted (n, hidden), the gradient times the weight, is spent
def rms_norm_gradient(normed: Tensor, scale: Tensor, weighted: Tensor) -> Tensor:
  along = (normed * weighted).mean([-1], True)
  return torch.mul_(torch.addcmul_(weighted, normed, along, value=-1), scale)
# Positions begin .. begin + count of (batch, length, hidden), rows one after another
def some(hidden: Tensor, begin: Tensor, count: Tensor) -> Tensor:
  return torch.narrow(torch.flatten(hidden, 0, 1), 0, int(begin), int(count))
class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # tokens (batch, length) -> (batch, length, hidden), in the number format of `like`
  def embed(self: __torch__.Kernels, weight: Tensor, tokens: Tensor, like: Tensor) -> Tensor:
    return torch.type_as(torch.embedding(weight, tokens), like)
  def rms_norm(self: __torch__.Kernels, x: Tensor, weight: Tensor, epsilon: Tensor) -> Tensor:
    rows = torch.flatten(x, 0, -2)
    out = torch.empty_like(rows)
    for begin, end, in __torch__.ranges(rows):
      normed, scale, = __torch__.normalized(rows[begin:end], float(epsilon))
      _ = torch.copy_(out[begin:end], normed * weight)
    return torch.view_as(out, x)
  def rms_norm_backward(self: __torch__.Kernels, x: Tensor, weight: Tensor, epsilon: Tensor, gradient: Tensor) -> Tensor:
    rows = torch.flatten(x, 0, -2)
    given = torch.flatten(gradient, 0, -2)
    out = torch.empty_like(rows)
    for begin, end, in __torch__.ranges(rows):
      normed, scale, = __torch__.normalized(rows[begin:end], float(epsilon))
      weighted = given[begin:end] * weight
      _ = torch.copy_(out[begin:end], __torch__.rms_norm_gradient(normed, scale, weighted))
    return torch.view_as(out, x)
  # the gradients of x and of a weight that trains
  def rms_norm_backward_trained(self: __torch__.Kernels, x: Tensor, weight: Tensor, epsilon: Tensor, gradient: Tensor) -> Tuple[Tensor, Tensor]:
    rows = torch.flatten(x, 0, -2)
    given = torch.flatten(gradient, 0, -2)
    out = torch.empty_like(rows)
    of_weight = torch.zeros_like(weight)
    for begin, end, in __torch__.ranges(rows):
      normed, scale, = __torch__.normalized(rows[begin:end], float(epsilon))
      wide = given[begin:end].to(6)
      _ = torch.add_(of_weight, torch.sum(wide * normed, [0]))
      _1 = torch.copy_(out[begin:end], __torch__.rms_norm_gradient(normed, scale, wide * weight))
    return (torch.view_as(out, x), of_weight)
  def layer_norm(self: __torch__.Kernels, x: Tensor, weight: Tensor, bias: Tensor, epsilon: Tensor) -> Tensor:
    return torch.type_as(torch.layer_norm(x.to(6), [x.size(-1)], weight, bias, float(epsilon)), x)
  # x (.., in), weight (out, in) -> (.., out); a float32 weight that trains is cast to x's format
  def linear(self: __torch__.Kernels, x: Tensor, weight: Tensor) -> Tensor:
    return torch.linear(x, torch.type_as(weight, x))
  # its result's shape alone
  def linear_shape(self: __torch__.Kernels, x: Tensor, weight: Tensor) -> Tensor:
    return torch.new_zeros(x, torch.size(x)[:-1] + [weight.size(0)])
  def linear_backward(self: __torch__.Kernels, x: Tensor, weight: Tensor, gradient: Tensor) -> Tensor:
    return torch.matmul(gradient, torch.type_as(weight, gradient))
  def linear_bias_backward(self: __torch__.Kernels, x: Tensor, weight: Tensor, bias: Tensor, gradient: Tensor) -> Tensor:
    return torch.matmul(gradient, torch.type_as(weight, gradient))
  def linear_bias(self: __torch__.Kernels, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.linear(x, torch.type_as(weight, x), torch.type_as(bias, x))
  def swiglu(self: __torch__.Kernels, gate: Tensor, up: Tensor) -> Tensor:
    return torch.mul_(torch.silu(gate), up)
  # the gradients of gate and up
  def swiglu_backward(self: __torch__.Kernels, gate: Tensor, up: Tensor, gradient: Tensor) -> Tuple[Tensor, Tensor]:
    gates = torch.flatten(gate, 0, -2)
    ups = torch.flatten(up, 0, -2)
    given = torch.flatten(gradient, 0, -2)
    of_gate = torch.empty_like(gates)
    of_up = torch.empty_like(ups)
    for begin, end, in __torch__.ranges(gates):
      g = given[begin:end]
      _ = torch.silu_backward(g * ups[begin:end], gates[begin:end], grad_input=of_gate[begin:end])
      _1 = torch.mul(torch.silu(gates[begin:end]), g, out=of_up[begin:end])
    return (torch.view_as(of_gate, gate), torch.view_as(of_up, up))
  def gelu(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.gelu(x)
  # x (batch, length, heads * headDim) -> (batch, heads, length, headDim)
  def split_heads(self: __torch__.Kernels, x: Tensor, heads: Tensor) -> Tensor:
    return __torch__.heads_first(x, int(heads))
  # the same, and each pair of dimensions (i, i + rotaryDim / 2) turned by the angle of its position,
  # which is that of the row's first token plus its place in the row; what lies behind them stays
  def rotate_heads(self: __torch__.Kernels, x: Tensor, cos: Tensor, sin: Tensor, heads: Tensor, first: Tensor) -> Tensor:
    split = __torch__.heads_first(x, int(heads))
    cosines = torch.narrow(cos, -2, int(first), x.size(1))
    sines = torch.narrow(sin, -2, int(first), x.size(1))
    return __torch__.turned(split, cosines, sines)
  # the same angles, backwards
  def rotate_heads_backward(self: __torch__.Kernels, x: Tensor, cos: Tensor, sin: Tensor, heads: Tensor, first: Tensor, gradient: Tensor) -> Tensor:
    cosines = torch.narrow(cos, -2, int(first), x.size(1))
    sines = torch.narrow(sin, -2, int(first), x.size(1))
    turned = __torch__.turned(gradient, cosines, torch.neg(sines))
    return torch.flatten(torch.transpose(turned, 1, 2), 2)
  # (batch, heads, length, headDim) -> (batch, length, heads * headDim)
  def merge_heads(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.flatten(torch.transpose(x, 1, 2), 2)
  # normed (tokens, hidden), labels (tokens) -> the sum of cross entropies, times scale, in float32
  def loss(self: __torch__.Kernels, normed: Tensor, head: Tensor, labels: Tensor, scale: Tensor) -> Tensor:
    sum = torch.new_zeros(normed, [], dtype=6)
    logits = torch.linear(normed, torch.type_as(head, normed))
    for begin, end, in __torch__.ranges(logits):
      sum = sum + torch.cross_entropy_loss(logits[begin:end].to(6), labels[begin:end], None, 2, -100)
    return sum * float(scale)
  # the same, with the gradient of normed
  def loss_backward(self: __torch__.Kernels, normed: Tensor, head: Tensor, labels: Tensor, scale: Tensor) -> Tuple[Tensor, Tensor]:
    weight = torch.type_as(head, normed)
    logits = torch.linear(normed, weight)
    sum = __torch__.cross_entropy_(logits, labels, float(scale))
    return (sum, torch.matmul(logits, weight))
  # and that of a head that trains
  def loss_backward_trained(self: __torch__.Kernels, normed: Tensor, head: Tensor, labels: Tensor, scale: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    weight = torch.type_as(head, normed)
    logits = torch.linear(normed, weight)
    sum = __torch__.cross_entropy_(logits, labels, float(scale))
    return (sum, torch.matmul(logits, weight), torch.matmul(torch.t(logits), normed).to(6))
  def logits(self: __torch__.Kernels, normed: Tensor, head: Tensor) -> Tensor:
    return torch.linear(normed, torch.type_as(head, normed)).to(6)
  # normed (tokens, hidden), labels (tokens) -> (2, tokens), float32: the cross entropy of each, and 1
  # where the likeliest token is the label, else 0
  def scores(self: __torch__.Kernels, normed: Tensor, head: Tensor, labels: Tensor) -> Tensor:
    nats = annotate(List[Tensor], [])
    hits = annotate(List[Tensor], [])
    logits = torch.linear(normed, torch.type_as(head, normed))
    for begin, end, in __torch__.ranges(logits):
      piece = logits[begin:end]
      some = labels[begin:end]
      nats.append(torch.cross_entropy_loss(piece.to(6), some, None, 0, -100))
      hits.append(torch.eq(torch.argmax(piece, 1), some).to(6))
    return torch.stack([torch.cat(nats), torch.cat(hits)])
  # (count, hidden), a copy
  def positions(self: __torch__.Kernels, hidden: Tensor, begin: Tensor, count: Tensor) -> Tensor:
    return __torch__.some(hidden, begin, count).clone()
  # (1, count, hidden), a view where the rows are one after another in memory
  def piece(self: __torch__.Kernels, hidden: Tensor, begin: Tensor, count: Tensor) -> Tensor:
    return torch.unsqueeze(__torch__.some(hidden, begin, count), 0)
  # a number to seed a generator with
  def draw(self: __torch__.Kernels) -> Tensor:
    return torch.randint(2147483647, [1], dtype=4)
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
    return torch.reshape(x, [int(batch), -1, x.size(2)])
  def as_float32(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return x.to(6)
  def as_bfloat16(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return x.to(15)
