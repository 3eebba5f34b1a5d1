"""The norms in NumPy: forward, and backward derived by hand.

A norm names the set that shares statistics (`SETS`); `operator` does the
rest, in float64, rounded once, to float16, float32 or float64 as x is.
"""

from .norms import (
    batch_norm_forward,
    group_norm_forward,
    instance_norm_forward,
    layer_norm_forward,
    rms_norm_backward,
    rms_norm_forward,
    weight_norm_backward,
    weight_norm_forward,
)
from .operator import norm_backward, standardize, standardize_backward
from .sets import SETS

batch_norm_backward = group_norm_backward = norm_backward  # there is one
instance_norm_backward = layer_norm_backward = norm_backward

__all__ = ["SETS", "norm_backward", "standardize", "standardize_backward"]
__all__ += ["batch_norm_backward", "batch_norm_forward"]
__all__ += ["group_norm_backward", "group_norm_forward"]
__all__ += ["instance_norm_backward", "instance_norm_forward"]
__all__ += ["layer_norm_backward", "layer_norm_forward"]
__all__ += ["rms_norm_backward", "rms_norm_forward"]
__all__ += ["weight_norm_backward", "weight_norm_forward"]
