# x (.., in) times A, (n, rank)
def narrowed(x: Tensor, a: Tensor, factor: float) -> Tensor:
  return torch.linear(torch.flatten(x, 0, -2), torch.type_as(a, x)) * factor
# frozen (.., out) plus the product's share of x (.., in), by autograd
def low_rank(frozen: Tensor, x: Tensor, a: Tensor, b: Tensor, scaling: float) -> Tensor:
  inner = __torch__.narrowed(x, a, scaling)
  y = torch.addmm(torch.flatten(frozen, 0, -2), inner, torch.t(torch.type_as(b, x)))
  return torch.view_as(y, frozen)
# What dropout lets through of x, not yet scaled
def let_through(x: Tensor, mask: Tensor) -> Tensor:
  return torch.where(mask, x, 0.)
# frozen plus the product's share of x, in the memory of `frozen`, whose own values no gradient needs
def add_product(frozen: Tensor, x: Tensor, a: Tensor, b: Tensor, factor: float) -> Tensor:
  inner = __torch__.narrowed(x, a, factor)
  y = torch.addmm_(torch.flatten(frozen, 0, -2), inner, torch.t(torch.type_as(b, x)))
  return torch.view_as(y, frozen)
# The gradients of x, a and b
def product_backward(x: Tensor, a: Tensor, b: Tensor, factor: float, gradient: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
  rows = torch.flatten(x, 0, -2)
  g = torch.flatten(gradient, 0, -2)
  db = torch.type_as(torch.mm(torch.t(g), __torch__.narrowed(x, a, factor)), b)
  di = torch.mm(g, torch.type_as(b, x)) * factor
  da = torch.type_as(torch.mm(torch.t(di), rows), a)
  dx = torch.view_as(torch.mm(di, torch.type_as(a, x)), x)
  return (dx, da, db)
# |W + scaling B A| of each row, float32, without the sum ever being there
def adapted_norms(weight: Tensor, a: Tensor, b: Tensor, scaling: float) -> Tensor:
  own = torch.linalg_vector_norm(weight, 2, [1], False, dtype=6)
  cross = torch.linear(weight, torch.type_as(a, weight)).to(6)
  inner = torch.matmul(b, torch.matmul(a, torch.t(a)))
  squares = own * own + ((cross * scaling * 2 + inner * (scaling * scaling)) * b).sum([1])
  return torch.sqrt(torch.clamp_min(squares, 0))
# The factors of scaling B A = U S V, each with the root of S, twice over: the second B is negative.
def beginning(u: Tensor, s: Tensor, v: Tensor, rank: int, scaling: float) -> Tuple[Tensor, Tensor]:
  root = torch.sqrt(torch.narrow(s, 0, 0, rank) / scaling)
  a = torch.unsqueeze(root, 1) * torch.narrow(v, 0, 0, rank)
  b = torch.narrow(u, 1, 0, rank) * root
  return (torch.cat([a, a], 0), torch.cat([b, torch.neg(b)], 1))
class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def add_low_rank(self: __torch__.Kernels, frozen: Tensor, x: Tensor, a: Tensor, b: Tensor, scaling: Tensor) -> Tensor:
    return __torch__.add_product(frozen, x, a, b, float(scaling))
  def add_low_rank_backward(self: __torch__.Kernels, frozen: Tensor, x: Tensor, a: Tensor, b: Tensor, scaling: Tensor, gradient: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    dx, da, db, = __torch__.product_backward(x, a, b, float(scaling), gradient)
    return (gradient, dx, da, db)
  # Which elements of x dropout lets through
  def mask(self: __torch__.Kernels, x: Tensor, dropout: Tensor) -> Tensor:
    return torch.bernoulli_(torch.empty_like(x, dtype=11), 1. - float(dropout))
  def add_dropped(self: __torch__.Kernels, frozen: Tensor, x: Tensor, a: Tensor, b: Tensor, mask: Tensor, scaling: Tensor, dropout: Tensor) -> Tensor:
    factor = float(scaling) / (1. - float(dropout))
    return __torch__.add_product(frozen, __torch__.let_through(x, mask), a, b, factor)
  def add_dropped_backward(self: __torch__.Kernels, frozen: Tensor, x: Tensor, a: Tensor, b: Tensor, mask: Tensor, scaling: Tensor, dropout: Tensor, gradient: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    factor = float(scaling) / (1. - float(dropout))
    dx, da, db, = __torch__.product_backward(__torch__.let_through(x, mask), a, b, factor, gradient)
    return (gradient, torch.masked_fill_(dx, torch.bitwise_not(mask), 0.), da, db)
  # The first half of the rank trains, the second stays as it is.
  def half_frozen(self: __torch__.Kernels, x: Tensor, dim: Tensor) -> Tensor:
    d = int(dim)
    half = x.size(d) // 2
    return torch.cat([torch.narrow(x, d, 0, half), torch.detach(torch.narrow(x, d, half, half))], d)
  def first_half(self: __torch__.Kernels, x: Tensor, dim: Tensor) -> Tensor:
    d = int(dim)
    return torch.narrow(x, d, 0, x.size(d) // 2)
  def merge(self: __torch__.Kernels, weight: Tensor, a: Tensor, b: Tensor, scaling: Tensor) -> Tensor:
    return torch.addmm(weight, b, a, alpha=float(scaling))
  def row_norms(self: __torch__.Kernels, weight: Tensor) -> Tensor:
    return torch.linalg_vector_norm(weight, 2, [1], False, dtype=6)
  # magnitude / |V| * (W x + scaling B A x), the norm a constant
  def decomposed(self: __torch__.Kernels, x: Tensor, weight: Tensor, a: Tensor, b: Tensor, magnitude: Tensor, scaling: Tensor) -> Tensor:
    norms = __torch__.adapted_norms(weight, torch.detach(a), torch.detach(b), float(scaling))
    y = __torch__.low_rank(torch.linear(x, weight), x, a, b, float(scaling))
    return y * torch.type_as(magnitude / norms, x)
  # what the same adds to the frozen layer's output when the adapter's own input is dropped in part
  def decomposed_dropped(self: __torch__.Kernels, frozen: Tensor, x: Tensor, weight: Tensor, a: Tensor, b: Tensor, magnitude: Tensor, scaling: Tensor, dropout: Tensor) -> Tensor:
    norms = __torch__.adapted_norms(weight, torch.detach(a), torch.detach(b), float(scaling))
    kept = torch.dropout(x, float(dropout), True)
    base = torch.linear(kept, weight)
    y = __torch__.low_rank(base, kept, a, b, float(scaling))
    return frozen + y * torch.type_as(magnitude / norms, x) - base
  def add_bias(self: __torch__.Kernels, x: Tensor, bias: Tensor) -> Tensor:
    return x + torch.type_as(bias, x)
  def merge_decomposed(self: __torch__.Kernels, weight: Tensor, a: Tensor, b: Tensor, magnitude: Tensor, scaling: Tensor) -> Tensor:
    direction = torch.addmm(weight, b, a, alpha=float(scaling))
    norms = torch.linalg_vector_norm(direction, 2, [1], False)
    return direction * torch.unsqueeze(magnitude / norms, 1)
  def principal(self: __torch__.Kernels, weight: Tensor, rank: Tensor, scaling: Tensor) -> Tuple[Tensor, Tensor]:
    u, s, v, = torch.linalg_svd(weight.to(6), False)
    return __torch__.beginning(u, s, v, int(rank), float(scaling))
  # The same by subspace iteration from a random probe (in, columns).
  def principal_near(self: __torch__.Kernels, weight: Tensor, probe: Tensor, rank: Tensor, scaling: Tensor, iterations: Tensor) -> Tuple[Tensor, Tensor]:
    w = weight.to(6)
    q, r, = torch.linalg_qr(torch.matmul(w, probe))
    for i in range(int(iterations)):
      p, r0, = torch.linalg_qr(torch.matmul(torch.t(w), q))
      q0, r1, = torch.linalg_qr(torch.matmul(w, p))
      q = q0
    u, s, v, = torch.linalg_svd(torch.matmul(torch.t(q), w), False)
    return __torch__.beginning(torch.matmul(q, u), s, v, int(rank), float(scaling))
  def difference(self: __torch__.Kernels, weight: Tensor, other: Tensor) -> Tensor:
    return weight - other.to(6)
