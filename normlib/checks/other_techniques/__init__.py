"""The exercises on other techniques, in the order of the pages."""

from .causes import culprit
from .changes import forgets
from .faults import broken
from .histories import history
from .resting import rest
from .runs import FAULTS, run
from .singular import spectral
from .strengths import restyle

EXERCISES = (restyle, forgets, broken)  # instance
EXERCISES += (spectral, rest, culprit)  # weight

__all__ = ["EXERCISES", "FAULTS", "broken", "forgets", "restyle", "run"]
__all__ += ["culprit", "history", "rest", "spectral"]
