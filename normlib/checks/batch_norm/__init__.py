"""The exercises on batch normalization."""

from .backwards import backward, staged_backward
from .forwards import forward, images, inference

EXERCISES = (forward, staged_backward, backward, inference, images)

__all__ = ["EXERCISES"]
__all__ += ["backward", "forward", "images", "inference"]
__all__ += ["staged_backward"]
