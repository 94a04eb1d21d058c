# frozen (.., out) plus the product's share of x (.., in)
def low_rank(frozen: Tensor, x: Tensor, a: Tensor, b: Tensor, scaling: float, dropout: float) -> Tensor:
  kept = torch.dropout(x, dropout, True)
  inner = torch.linear(torch.flatten(kept, 0, -2), torch.type_as(a, x)) * scaling
  y = torch.addmm(torch.flatten(frozen, 0, -2), inner, torch.t(torch.type_as(b, x)))
  return torch.view_as(y, frozen)
# |W + scaling B A| of each row, float32, without the sum ever being there
def adapted_norms(weight: Tensor, a: Tensor, b: Tensor, scaling: float) -> Tensor:
  own = torch.linalg_vector_norm(weight, 2, [1], False, dtype=6)
  cross = torch.linear(weight, torch.type_as(a, weight)).to(6)
  inner = torch.matmul(b, torch.matmul(a, torch.t(a)))
  squares = own * own + ((cross * scaling * 2 + inner * (scaling * scaling)) * b).sum([1])
  return torch.sqrt(torch.clamp_min(squares, 0))
# The first half of the rank trains, the second stays as it is.
def half_frozen(x: Tensor, dim: int) -> Tensor:
  half = x.size(dim) // 2
  return torch.cat([torch.narrow(x, dim, 0, half), torch.detach(torch.narrow(x, dim, half, half))], dim)
def first_half(x: Tensor, dim: int) -> Tensor:
  return torch.narrow(x, dim, 0, x.size(dim) // 2)
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
  def add_low_rank(self: __torch__.Kernels, frozen: Tensor, x: Tensor, a: Tensor, b: Tensor, scaling: Tensor, dropout: Tensor) -> Tensor:
    return __torch__.low_rank(frozen, x, a, b, float(scaling), float(dropout))
  def add_half_frozen(self: __torch__.Kernels, frozen: Tensor, x: Tensor, a: Tensor, b: Tensor, scaling: Tensor, dropout: Tensor) -> Tensor:
    return __torch__.low_rank(frozen, x, __torch__.half_frozen(a, 0), __torch__.half_frozen(b, 1), float(scaling), float(dropout))
  def add_first_half(self: __torch__.Kernels, frozen: Tensor, x: Tensor, a: Tensor, b: Tensor, scaling: Tensor, dropout: Tensor) -> Tensor:
    return __torch__.low_rank(frozen, x, __torch__.first_half(a, 0), __torch__.first_half(b, 1), float(scaling), float(dropout))
  def merge(self: __torch__.Kernels, weight: Tensor, a: Tensor, b: Tensor, scaling: Tensor) -> Tensor:
    return torch.addmm(weight, b, a, alpha=float(scaling))
  def row_norms(self: __torch__.Kernels, weight: Tensor) -> Tensor:
    return torch.linalg_vector_norm(weight, 2, [1], False, dtype=6)
  # magnitude / |V| * (W x + scaling B A x), the norm a constant
  def decomposed(self: __torch__.Kernels, x: Tensor, weight: Tensor, a: Tensor, b: Tensor, magnitude: Tensor, scaling: Tensor) -> Tensor:
    norms = __torch__.adapted_norms(weight, torch.detach(a), torch.detach(b), float(scaling))
    y = __torch__.low_rank(torch.linear(x, weight), x, a, b, float(scaling), 0.)
    return y * torch.type_as(magnitude / norms, x)
  # what the same adds to the frozen layer's output when the adapter's own input is dropped in part
  def decomposed_dropped(self: __torch__.Kernels, frozen: Tensor, x: Tensor, weight: Tensor, a: Tensor, b: Tensor, magnitude: Tensor, scaling: Tensor, dropout: Tensor) -> Tensor:
    norms = __torch__.adapted_norms(weight, torch.detach(a), torch.detach(b), float(scaling))
    kept = torch.dropout(x, float(dropout), True)
    base = torch.linear(kept, weight)
    y = __torch__.low_rank(base, kept, a, b, float(scaling), 0.)
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
