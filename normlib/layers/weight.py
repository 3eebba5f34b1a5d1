"""Weight norm: the operator on a row of weights instead of activations.

g v/‖v‖ is RMS norm of v with ε = 0, scaled by γ = g/√m: ‖v‖ = √m RMS(v).
"""

import math
from typing import Any

from torch import Tensor, nn
from torch.nn.utils import parametrize

from ..reference.sets import SETS
from .core import standardize


class _WeightNorm(nn.Module):
    """The map (g, v) -> w and back, as `parametrize` wants it."""

    def __init__(self, dim: int | None) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, g: Tensor, v: Tensor) -> Tensor:
        """w = g v/‖v‖."""
        v_hat, _, m = self._by_row(v)
        return (g * v_hat / math.sqrt(m)).to(v.dtype)

    def right_inverse(self, w: Tensor) -> tuple[Tensor, Tensor]:
        """Return g = ‖w‖ and v = w."""
        _, mean_square, m = self._by_row(w)
        g = (m * mean_square).sqrt().to(w.dtype)
        return (g.reshape(()) if self.dim == -1 else g), w

    def _by_row(self, v: Tensor) -> tuple[Tensor, Tensor, int]:
        """Return v/RMS, RMS² and m; a row is what shares an index."""
        kept = () if self.dim == -1 else (self.dim % v.ndim,)
        dims = tuple(d for d in range(v.ndim) if d not in kept)
        m = math.prod([v.shape[d] for d in dims])
        # A last axis of one, so that `dims` is not empty for a vector.
        v_hat, _, mean_square = standardize(
            v.unsqueeze(-1), (*dims, -1), 0.0, SETS["weight"].centred
        )
        return v_hat.squeeze(-1), mean_square.squeeze(-1), m


def weight_norm(
    module: nn.Module, name: str = "weight", dim: int | None = 0
) -> nn.Module:
    """Replace parameter `name` of `module` by g v/‖v‖, and return it.

    g and v are trained in its place, as `parametrizations.<name>`'s
    `original0` and `original1`. The norm is taken over all axes but
    `dim`: for a weight (out, in, …) and dim 0, g is (out, 1, …). None
    and, as in `torch.nn.utils.parametrizations.weight_norm`, -1 take the
    whole tensor. A row of zeros has no direction and becomes NaN.

    Raises ValueError when `module` has no tensor `name` or that has no
    axis `dim`. Source: Salimans & Kingma (2016), equation 2.
    """
    w = getattr(module, name, None)
    if not isinstance(w, Tensor):
        raise ValueError(
            f"name must be a parameter of {type(module).__name__}, "
            f"got {name!r}"
        )
    if dim is not None and dim != -1 and not -w.ndim <= dim < w.ndim:
        raise ValueError(
            f"dim must be None or an axis of a {w.ndim}D {name}, got {dim}"
        )
    norm = _WeightNorm(dim)
    parametrize.register_parametrization(module, name, norm, unsafe=True)

    def read_old(state: dict[str, Tensor], prefix: str, *_: Any) -> None:
        """Take `<name>_g`, `<name>_v` of torch.nn.utils.weight_norm."""
        old = [f"{prefix}{name}_{letter}" for letter in "gv"]
        if all(key in state for key in old):
            for i, key in enumerate(old):
                new = f"{prefix}parametrizations.{name}.original{i}"
                state[new] = state.pop(key)

    module._register_load_state_dict_pre_hook(read_old)
    return module
