"""The exercises on batch normalization."""

from .forwards import forward, images, inference

EXERCISES = (forward, inference, images)

__all__ = ["EXERCISES"]
__all__ += ["forward", "images", "inference"]
