"""The exercises on performance."""

from .fewer import given, rewrite
from .moved import moves as copies
from .places import PLACES
from .programs import LARGE, PROGRAMS

EXERCISES = (copies, rewrite)

__all__ = ["EXERCISES", "LARGE", "PLACES", "PROGRAMS"]
__all__ += ["copies", "given", "rewrite"]
