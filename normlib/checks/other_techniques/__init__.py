"""The exercises on other techniques, in the order of the pages."""

from .causes import culprit
from .changes import forgets
from .faults import broken
from .histories import history
from .last import grouped
from .passes import one_pass
from .ranks import directions
from .resting import rest
from .runs import FAULTS, run
from .singular import spectral
from .strengths import restyle
from .suspects import suspect

EXERCISES = (restyle, forgets, broken)  # instance
EXERCISES += (grouped, directions, suspect)  # group
EXERCISES += (spectral, rest, culprit)  # weight

__all__ = ["EXERCISES", "FAULTS", "broken", "forgets", "restyle", "run"]
__all__ += ["directions", "grouped", "one_pass", "suspect"]
__all__ += ["culprit", "history", "rest", "spectral"]
