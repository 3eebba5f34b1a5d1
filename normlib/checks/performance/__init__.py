"""The exercises on performance."""

from .fewer import given, rewrite
from .moved import moves as copies
from .one_pass import one_pass
from .one_row import one_row
from .places import PLACES
from .programs import LARGE, PROGRAMS

EXERCISES = (copies, rewrite)  # the_ladder
EXERCISES += (one_pass, one_row)  # one_loop

__all__ = ["EXERCISES", "LARGE", "PLACES", "PROGRAMS"]
__all__ += ["copies", "given", "one_pass", "one_row", "rewrite"]
