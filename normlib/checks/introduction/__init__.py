"""The exercises of the introduction."""

from . import given
from .leaky import sweep
from .places import PLACES
from .settled import chi

EXERCISES = (chi, sweep)

__all__ = ["EXERCISES", "PLACES", "chi", "given", "sweep"]
