"""PyTorch modules written from one operator, drop-in for torch.nn.

Each chooses the set of m values that share statistics, standardizes
them, scales and shifts. `functional` holds the mathematics, the classes
keep the books; none calls a fused norm of torch.
"""

from .batch import BatchNorm1d, BatchNorm2d, BatchNorm3d
from .group import GroupNorm
from .instance import InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from .layer import LayerNorm, RMSNorm
from .weight import weight_norm

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
    "weight_norm",
]
