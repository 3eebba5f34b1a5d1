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


def off(f):
    return lambda *given: 1.001 * f(*given)


OFF = {
    "other_techniques.spectral": [off(spectral_by_torch)],
    # A pencil's rounding passes; a tenth does not.
    "other_techniques.rest": [REST | {"g": (1, 1.8)}],
}
