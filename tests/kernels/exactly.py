"""What the kernels should give, in float64, and how far they may be off.

All of it is for one set of inputs x, r, γ, β, dy, ds, rounded already to
the dtype that the kernel gets. The bounds follow the rounding errors:

- u, the unit of the output's dtype, for the last rounding. Triton's
  interpreter cuts bfloat16 off where a GPU rounds: one u, not half.
- 2⁻²⁴ for each float32 operation on the way. A sum of N terms as a tree
  has at most log₂ N + 2 roundings on a path, and a handful of operations
  stand before and after it; DEPTH allows for 48 in all. Sums over rows
  run one after the other, so there each row counts.
- An error in μ of 2⁻²⁴ |μ| is one of 2⁻²⁴ |μ|/σ in x̂, and nothing in
  float32 can avoid it: hence the factor 1 + |μ|/σ.
"""

from types import SimpleNamespace

import torch

from normlib import reference as ref

UNIT = {
    torch.float32: 2.0**-24,
    torch.float16: 2.0**-10,
    torch.bfloat16: 2.0**-7,
}
TINY = {
    torch.float32: 1e-37,
    torch.float16: 2.0**-24,
    torch.bfloat16: 1e-37,
}
SINGLE = 2.0**-24
DEPTH = 48


def inputs(M, N, dtype, device="cpu", seed=0, mean=0.5, scale=2.0):
    """Return x, r, γ, β, dy, ds on the device."""
    g = torch.Generator().manual_seed(seed)

    def draw(*shape, mean=0.0, scale=1.0):
        a = torch.randn(shape, generator=g, dtype=torch.float64)
        return (a * scale + mean).to(dtype).to(device)

    return SimpleNamespace(
        x=draw(M, N, mean=mean, scale=scale),
        r=draw(M, N),
        w=draw(N, mean=1.0, scale=0.5),
        b=draw(N),
        dy=draw(M, N),
        ds=draw(M, N),
    )


def numpy(t):
    return t.detach().double().cpu().numpy()


def answer(s, w, b, dy, ds, *, centre, eps):
    """Return {name: (wanted, bound)} in float64; s as the kernel had it."""
    u, tiny = UNIT[s.dtype], TINY[s.dtype]
    x, w64, dy64 = numpy(s), numpy(w), numpy(dy)
    if centre:
        y, cache = ref.layer_norm_forward(x, w64, numpy(b), eps=eps)
        dx, dw, db = ref.layer_norm_backward(dy64, cache)
        shift = abs(cache.mu / cache.sigma)
    else:
        y, cache = ref.rms_norm_forward(x, w64, eps=eps)
        dx, dw = ref.rms_norm_backward(dy64, cache)
        db, shift = None, 0.0
    x_hat, sigma = cache.x_hat, cache.sigma
    g = abs(w64 * dy64)
    loose = DEPTH * SINGLE * (1 + shift)  # (M, 1)
    inner = g.mean(1, keepdims=True)
    along = abs(x_hat) * (g * abs(x_hat)).mean(1, keepdims=True)
    down = (DEPTH + len(x)) * SINGLE * (1 + shift)
    beta = abs(numpy(b)) if centre else 0.0
    found = {
        "y": (y, loose * (abs(w64) * (1 + abs(x_hat)) + beta)),
        "dx": (dx, loose * (g * (1 + shift) + along + inner) / sigma),
        "dw": (dw, (down * abs(dy64) * (1 + abs(x_hat))).sum(0)),
    }
    if ds is not None:
        dx = dx + numpy(ds)
        found["dx"] = (dx, found["dx"][1] + 2 * SINGLE * abs(dx))
    if centre:
        found["db"] = (db, (down * abs(dy64)).sum(0))
    return {
        name: (wanted, bound + u * abs(wanted) + tiny)
        for name, (wanted, bound) in found.items()
    }
