"""The exercises on batch normalization, in the order of the pages."""

from .controls import plan as design
from .counting import set_size
from .epochs import debug_train
from .extremes import ceiling
from .layer import module
from .moving import shift
from .nodes import staged_backward
from .pixels import images
from .places import PLACES
from .projection import backward
from .rows import forward
from .serving import debug_predict
from .two_modes import inference

EXERCISES = (forward, images, staged_backward, backward, inference)
EXERCISES += (module, debug_predict, debug_train, shift, design)
EXERCISES += (set_size, ceiling)

__all__ = ["EXERCISES", "PLACES", "backward", "ceiling", "debug_predict"]
__all__ += ["debug_train", "design", "forward", "images", "inference"]
__all__ += ["module", "set_size", "shift", "staged_backward"]
