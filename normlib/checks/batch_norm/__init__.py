"""The exercises on batch normalization, in the order of the pages."""

from .counting import set_size
from .epochs import debug_train
from .extremes import ceiling
from .layer import module
from .nodes import staged_backward
from .pixels import images
from .projection import backward
from .rows import forward
from .serving import debug_predict
from .two_modes import inference

EXERCISES = (forward, images, staged_backward, backward, inference)
EXERCISES += (module, debug_predict, debug_train, set_size, ceiling)

__all__ = ["EXERCISES", "backward", "ceiling", "debug_predict"]
__all__ += ["debug_train", "forward", "images", "inference", "module"]
__all__ += ["set_size", "staged_backward"]
