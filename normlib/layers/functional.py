"""Each norm as a function: its set of values, then the one operator.

Names and arguments are those of `torch.nn.functional`. A norm differs
from the next in its set, read from `SETS`: the axes that its m values
span, and whether it is centred. σ = √(var + ε). All raise ValueError
where shapes or dtypes do not suit.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..reference.sets import SETS
from .core import per_channel, scale_shift, standardize, working_dtype
from .running import channel_norm
from .validate import (
    refuse_single_value,
    require_normalized_shape,
    require_params,
)


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float | Tensor = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Standardize a channel over the batch: m = N·H·W.

    input (N, C, *), the rest (C,) -> (N, C, *). In training the running
    arrays are updated in place, else they stand in for μ and var. Raises
    ValueError also for eps ≤ 0 (0 passes without `training`), and where
    training finds m = 1. Ioffe & Szegedy (2015), Algorithms 1 and 2.
    """
    if eps < 0 or (training and eps == 0):
        wanted = "positive in training" if training else "non-negative"
        raise ValueError(f"eps must be {wanted}, got {eps}")
    norm, running = SETS["batch"], (running_mean, running_var)
    return channel_norm(
        input, norm, running, weight, bias, training, momentum, eps
    )


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float | Tensor = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Standardize a channel of one sample over its positions: m = H·W.

    input (N, C, *), the rest (C,) -> (N, C, *). The running arrays take
    the average of the samples' statistics. Raises ValueError also where
    input statistics find m = 1. Ulyanov, Vedaldi & Lempitsky (2016).
    """
    norm, running = SETS["instance"], (running_mean, running_var)
    return channel_norm(
        input, norm, running, weight, bias, use_input_stats, momentum, eps
    )


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Standardize the features of one position: m = their number.

    input (*, *normalized_shape), weight and bias (*normalized_shape).
    Ba, Kiros & Hinton (2016), section 3.
    """
    require_normalized_shape(input, normalized_shape)
    require_params(input, normalized_shape, weight=weight, bias=bias)
    norm = SETS["layer"]
    dims = norm.axes(input.ndim, input.ndim - len(normalized_shape))
    x_hat, _, _ = standardize(input, dims, eps, norm.centred)
    return scale_shift(x_hat, weight, bias).to(input.dtype)


def rms_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    """Layer norm without the mean: y = γ x/σ, σ = √(Σx²/m + ε).

    input (*, *normalized_shape), weight (*normalized_shape), of any
    dtype. `eps=None` is the machine epsilon of the dtype in which the
    statistics are kept. Zhang & Sennrich (2019), section 4.
    """
    require_normalized_shape(input, normalized_shape)
    require_params(input, normalized_shape, any_dtype=True, weight=weight)
    if eps is None:
        eps = torch.finfo(working_dtype(input.dtype)).eps
    norm = SETS["rms"]
    dims = norm.axes(input.ndim, input.ndim - len(normalized_shape))
    x_hat, _, _ = standardize(input, dims, eps, norm.centred)
    return scale_shift(x_hat, weight, None).to(input.dtype)


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Standardize C/G channels of one sample together: m = C/G·H·W.

    input (N, C, *), weight and bias (C,) -> (N, C, *). Raises ValueError
    also where G does not divide C, and, as torch does, for N = m = 1.
    Wu & He (2018), section 3.
    """
    if input.ndim < 2:
        raise ValueError(
            f"input must be (N, C, …), got shape {tuple(input.shape)}"
        )
    N, C = input.shape[:2]
    require_params(input, (C,), weight=weight, bias=bias)
    if num_groups < 1 or C % num_groups:
        raise ValueError(
            f"num_groups must divide the {C} channels, got {num_groups}"
        )
    norm = SETS["group"]
    refuse_single_value(input, N * norm.m(input.shape, num_groups))
    x = input.unflatten(1, (num_groups, C // num_groups))  # (N, G, C/G, *)
    x_hat, _, _ = standardize(x, norm.axes(x.ndim), eps, norm.centred)
    gamma = per_channel(weight, input.ndim)
    beta = per_channel(bias, input.ndim)
    return scale_shift(x_hat.flatten(1, 2), gamma, beta).to(input.dtype)
