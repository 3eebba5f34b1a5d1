"""The exercises on other techniques, in the order of the pages."""

from .changes import forgets
from .faults import broken
from .resting import rest
from .runs import FAULTS, run
from .singular import spectral
from .strengths import restyle

EXERCISES = (restyle, forgets, broken)  # instance
EXERCISES += (spectral, rest)  # weight

__all__ = ["EXERCISES", "FAULTS", "broken", "forgets", "restyle", "run"]
__all__ += ["rest", "spectral"]
