"""The exercises on other techniques, in the order of the pages."""

from .changes import forgets
from .faults import broken
from .last import grouped
from .passes import one_pass
from .ranks import directions
from .runs import FAULTS, run
from .strengths import restyle
from .suspects import suspect

EXERCISES = (restyle, forgets, broken)  # instance
EXERCISES += (grouped, directions, suspect)  # group

__all__ = ["EXERCISES", "FAULTS", "broken", "forgets", "restyle", "run"]
__all__ += ["directions", "grouped", "one_pass", "suspect"]
