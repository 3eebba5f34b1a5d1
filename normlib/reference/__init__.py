"""The norms in NumPy: forward, and backward derived by hand.

A norm chooses the axes of the set that shares statistics; `operator` does
the rest and holds one backward for all. All work is done in float64, and
rounded once, to the dtype of x: float16, float32 or float64.
"""

from .batch import batch_norm_backward, batch_norm_forward
from .group import group_norm_backward, group_norm_forward
from .instance import instance_norm_backward, instance_norm_forward
from .layer import layer_norm_backward, layer_norm_forward
from .operator import norm_backward, standardize, standardize_backward
from .rms import rms_norm_backward, rms_norm_forward
from .weight import weight_norm_backward, weight_norm_forward

__all__ = ["norm_backward", "standardize", "standardize_backward"]
__all__ += ["batch_norm_backward", "batch_norm_forward"]
__all__ += ["group_norm_backward", "group_norm_forward"]
__all__ += ["instance_norm_backward", "instance_norm_forward"]
__all__ += ["layer_norm_backward", "layer_norm_forward"]
__all__ += ["rms_norm_backward", "rms_norm_forward"]
__all__ += ["weight_norm_backward", "weight_norm_forward"]
