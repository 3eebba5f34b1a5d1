"""The two norms as functions and modules, by the loops."""

from collections.abc import Sequence

import torch
from torch import Tensor

from .. import layers
from ..layers.core import working_dtype
from ..layers.validate import require_normalized_shape, require_params
from . import ops
from .operators import is_traced


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """y = γ (x − μ)/σ + β, σ = √(var + ε), over the last axes.

    input (*, *normalized_shape) on a CPU, weight and bias as these axes.
    Raises ValueError for another shape, dtype or device, or ε < 0. Ba,
    Kiros & Hinton (2016), section 3.
    """
    require_normalized_shape(input, normalized_shape)
    require_params(input, normalized_shape, weight=weight, bias=bias)
    return _norm(input, normalized_shape, weight, bias, eps, centre=True)


def rms_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    """y = γ x/σ, σ = √(Σx²/m + ε), over the last axes.

    Shapes and errors are those of `layer_norm`; `eps=None` is the machine
    epsilon of the dtype in which statistics are kept. Zhang & Sennrich
    (2019), section 4.
    """
    require_normalized_shape(input, normalized_shape)
    require_params(input, normalized_shape, any_dtype=True, weight=weight)
    if eps is None:
        eps = torch.finfo(working_dtype(input.dtype)).eps
    return _norm(input, normalized_shape, weight, None, eps, centre=False)


class LayerNorm(layers.LayerNorm):
    """`normlib.layers.LayerNorm`, a row at a time on a CPU."""

    def forward(self, input: Tensor) -> Tensor:
        """Normalize (*, *normalized_shape)."""
        return layer_norm(
            input, self.normalized_shape, self.weight, self.bias, self.eps
        )


class RMSNorm(layers.RMSNorm):
    """`normlib.layers.RMSNorm`, a row at a time on a CPU."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalize (*, *normalized_shape)."""
        return rms_norm(x, self.normalized_shape, self.weight, self.eps)


def require_cpu(**tensors: Tensor | None) -> None:
    """Raise ValueError unless all are on a CPU."""
    for name, t in tensors.items():
        if t is not None and not t.is_cpu:
            raise ValueError(f"{name} must be on a CPU, got {t.device}")


def _norm(
    x: Tensor, shape: Sequence[int], weight: Tensor | None,
    bias: Tensor | None, eps: float, *, centre: bool,
) -> Tensor:  # fmt: skip
    if not eps >= 0:
        raise ValueError(f"eps must be 0 or more, got {eps}")
    require_cpu(input=x, weight=weight, bias=bias)
    run = ops.traced_norm if is_traced(x) else ops.norm
    return run(x, weight, bias, float(eps), centre, tuple(shape))[0]
