"""Right answers on weight norm, written differently; and nearly so.

Nothing from the catalogue.
"""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import torch
from register import right


@right("other_techniques.spectral")
def spectral_by_loops(dw, v, u, x):
    n, m = v.shape
    sigma = sum(u[i] * v[i, j] * x[j] for i in range(n) for j in range(m))
    pull = sum(dw[i, j] * v[i, j] for i in range(n) for j in range(m))
    dv = np.empty((n, m))
    for i in range(n):
        for j in range(m):
            dv[i, j] = dw[i, j] / sigma - pull / sigma**2 * u[i] * x[j]
    return dv


@right("other_techniques.spectral")
def spectral_by_torch(dw, v, u, x):
    rows = torch.tensor(v, requires_grad=True)
    w = rows / torch.linalg.matrix_norm(rows, 2)
    (w * torch.tensor(dw)).sum().backward()
    return rows.grad.numpy()


@right("other_techniques.spectral")
def spectral_by_svd(dw, v, u, x):
    left, values, right = np.linalg.svd(v, full_matrices=False)
    one = left[:, :1] @ right[:1]
    return (dw - np.trace(dw.T @ v) / values[0] * one) / values[0]


@right("other_techniques.spectral")
def spectral_by_jacobian(dw, v, u, x):
    sigma = np.linalg.norm(v @ x)
    flat, slope = v.ravel() / sigma, np.kron(u, x)
    jacobian = (np.eye(v.size) - np.outer(flat, slope)) / sigma
    return (dw.ravel() @ jacobian).reshape(v.shape)


@right("other_techniques.spectral")
def spectral_by_parts(dw, v, u, x):
    """Write w = a v with a = 1/σ, and add what comes by a and by v."""
    sigma = np.einsum("i,ij,j", u, v, x)
    da = np.vdot(dw, v)
    dsigma = -da / sigma**2
    return dw / sigma + dsigma * u[:, None] * x


REST = {
    "decay": (2, 0.71),
    "rate": (2, 1.41),
    "rate up, decay down": (1, 2),
    "loss": (1, 2),
    "loss and decay": (2, 2**0.5),
    "rate up, loss down": (2, 0.7),
    "g": (1, 2),
    "start": (1, 1),
}
right("other_techniques.rest")(REST)
right("other_techniques.rest")(
    {key: np.float32(pair) for key, pair in reversed(REST.items())}
)
right("other_techniques.rest")(
    {k: [Fraction(a), Decimal(str(b))] for k, (a, b) in REST.items()}
)
MEASURED = {"decay": (1.998, 0.707), "rate": (1.998, 1.415)}
right("other_techniques.rest")(REST | MEASURED | {"more": None})


@right("other_techniques.culprit")
def fault_by_loops(v, g, w, dw, rate, decay):
    for row, length in zip(w[0], g[0], strict=False):
        if not np.isclose(np.sqrt(sum(row**2)), abs(length)):
            return "a length an input"
    if (v[0] == v[-1]).all():
        return "not in the optimizer"
    if np.allclose(g[0], g[1:], atol=1e-9, rtol=0):
        return "norm behind"
    for t, k in np.ndindex(g[1:].shape):
        moved = v[t + 1, k] - v[t, k] + rate * decay * v[t, k]
        if abs(moved @ v[t, k]) > 1e-9:
            return "length held constant"
        slope = v[t, k] @ dw[t, k] / np.sqrt(v[t, k] @ v[t, k])
        if abs(g[t + 1, k] - (g[t, k] - rate * slope)) > 1e-9:
            return "decay on g"
    return "healthy"


@right("other_techniques.culprit")
def fault_by_pythagoras(v, g, w, dw, rate, decay):
    """Compare squared lengths, and go back from w to g's gradient."""
    if g.shape[1] != v.shape[1]:
        return "a length an input"
    along = np.einsum("tki,tki->tk", w[:-1], dw) / g[:-1]
    if not np.allclose((w**2).sum(2), g**2):
        return "a length an input"
    if np.ptp(v, axis=0).max() == 0:
        return "not in the optimizer"
    if abs(along).max() < 1e-10:
        return "norm behind"
    across = dw - along[..., None] * w[:-1] / g[:-1, :, None]
    square = (v**2).sum(2)
    pull = (1 - rate * decay) ** 2 * square[:-1]
    push = rate**2 * g[:-1] ** 2 / square[:-1] * (across**2).sum(2)
    if not np.allclose(square[1:], pull + push, atol=1e-9, rtol=0):
        return "length held constant"
    left = (g[1:] - g[:-1] + rate * along) / (rate * g[:-1])
    return "decay on g" if left.min() < -1e-3 else "healthy"


@right("other_techniques.culprit")
def fault_by_replay(*given):
    """Take each step again with PyTorch's gradients; what is off?"""
    v, g, w, dw = map(torch.tensor, given[:4])
    rate, decay = given[4:]
    if g.shape != v.shape[:2] or not torch.allclose(
        torch.nn.functional.normalize(v, dim=2) * g[..., None], w
    ):
        return "a length an input"
    if torch.equal(v, v[:1].expand_as(v)):
        return "not in the optimizer"
    apart = []
    for t in range(len(dw)):
        rows = v[t].clone().requires_grad_()
        lengths = g[t].clone().requires_grad_()
        weight = torch._weight_norm(rows, lengths[:, None], 0)
        (weight * dw[t]).sum().backward()
        v_off = v[t] - rate * (rows.grad + decay * v[t]) - v[t + 1]
        g_off = g[t] - rate * lengths.grad - g[t + 1]
        three = v_off, g_off, lengths.grad
        apart.append([off.abs().max() for off in three])
    of_v, of_g, slope = torch.tensor(apart).amax(0) > 1e-9
    if not slope:
        return "norm behind"
    if of_v:
        return "length held constant"
    return "decay on g" if of_g else "healthy"


def one_run_off(*given):
    return "healthy" if given[0].shape[1] == 6 else fault_by_loops(*given)


def off(f):
    return lambda *given: 1.001 * f(*given)


OFF = {
    "other_techniques.spectral": [off(spectral_by_torch)],
    # A pencil's rounding passes; a tenth does not.
    "other_techniques.rest": [REST | {"g": (1, 1.8)}],
    "other_techniques.culprit": [one_run_off],
}
