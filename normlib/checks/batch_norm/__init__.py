"""The exercises on batch normalization, in the order of the pages."""

from .backwards import backward, staged_backward
from .debugging import debug_predict, debug_train
from .forwards import forward, images, inference
from .modules import module
from .sizes import ceiling, set_size

EXERCISES = (forward, images, staged_backward, backward, inference)
EXERCISES += (module, debug_predict, debug_train, set_size, ceiling)

__all__ = ["EXERCISES"]
__all__ += ["backward", "ceiling", "debug_predict", "debug_train"]
__all__ += ["forward", "images", "inference", "module", "set_size"]
__all__ += ["staged_backward"]
