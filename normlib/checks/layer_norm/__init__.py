"""The exercises on LayerNorm, in the order of the pages."""

from .boxes import BOXES
from .creeping import drift
from .last_axes import trailing
from .margins import decide
from .mates import alone
from .parts import shards
from .untied import no_mean

EXERCISES = (trailing, shards, alone)  # layer_norm
EXERCISES += (no_mean, drift, decide)  # layer_or_rms

__all__ = ["BOXES", "EXERCISES", "alone", "decide", "drift", "no_mean"]
__all__ += ["shards", "trailing"]
