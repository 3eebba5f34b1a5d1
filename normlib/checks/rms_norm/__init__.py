"""The exercises on RMSNorm, in the order of the pages."""

from .bits import half
from .blind_spots import probe
from .centring import fold
from .checkpoint import to_gamma
from .limits import window
from .part import partial
from .ray import backward

EXERCISES = (backward, partial, fold, half, window, probe, to_gamma)

__all__ = ["EXERCISES", "backward", "fold", "half", "partial", "probe"]
__all__ += ["to_gamma", "window"]
