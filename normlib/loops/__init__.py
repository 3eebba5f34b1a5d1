"""The norms on a CPU, a row, a set or a column at a time (Numba).

The layers of `normlib.layers` with the loop written out: same arguments,
same `state_dict`, same results to rounding. Statistics and dγ, dβ as
there in float32 at least, sums in float64. One backward, no second. The
first call of a dtype compiles for some seconds; the code is kept on disk.
"""

from importlib.util import find_spec

if find_spec("numba") is None:
    raise ImportError("normlib.loops needs Numba: pip install numba")

from .channel_layers import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    GroupNorm,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    batch_norm,
    group_norm,
    instance_norm,
)
from .layers import LayerNorm, RMSNorm, layer_norm, rms_norm

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LayerNorm",
    "RMSNorm",
    "batch_norm",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "rms_norm",
]
