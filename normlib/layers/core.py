"""The one operator: standardize a set of m values, scale and shift.

Every norm of this folder is `standardize` over its own axes, followed by
`scale_shift`. Plain tensor operations: autograd gives every derivative.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


def working_dtype(dtype: torch.dtype) -> torch.dtype:
    """The dtype statistics are kept in: float32 for half precision."""
    return torch.promote_types(dtype, torch.float32)


def standardize(
    x: Tensor, dims: Sequence[int], eps: float, centre: bool = True
) -> tuple[Tensor, Tensor, Tensor]:
    """Standardize each set of the m values that differ in `dims` only.

    x̂ = (x − μ)/σ,  μ = Σx/m,  σ = √(Σ(x − μ)²/m + ε)

    With `centre=False` μ is 0 (RMSNorm, weight norm). Returns x̂ with the
    shape of `x`, and μ and the biased variance with 1 at `dims`, all in
    `working_dtype`.
    """
    x = x.to(working_dtype(x.dtype))
    mu = x.new_zeros(())
    if centre:
        # x minus any constant c has the same x̂. With c near μ what is
        # left is small, so its mean is known far more exactly than μ,
        # which float32 rounds to steps as large as σ when |μ| ≫ σ.
        c = x.detach().mean(dims, keepdim=True)
        x = x - c
        rest = x.mean(dims, keepdim=True)
        x, mu = x - rest, c + rest
    var = x.square().mean(dims, keepdim=True)
    return x / torch.sqrt(var + eps), mu, var


def scale_shift(
    x_hat: Tensor, gamma: Tensor | None, beta: Tensor | None
) -> Tensor:
    """y = γ x̂ + β, where None stands for γ = 1 and β = 0."""
    y = x_hat if gamma is None else gamma * x_hat
    return y if beta is None else y + beta


def per_channel(v: Tensor | None, ndim: int) -> Tensor | None:
    """Give v (C,) the shape (1, C, 1, …) of `ndim` axes; None stays."""
    return None if v is None else v.view(1, -1, *(1,) * (ndim - 2))
