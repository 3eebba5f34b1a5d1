"""Checks for the exercises: a wrong answer is told which mistake it is.

    from normlib.checks import batch_norm as ex
    ex.forward.check(my_function)     # also .hint() and .solution()

Each technique is a module of data: exercises, mistakes, solutions.
"""

from __future__ import annotations

from importlib import import_module

from .exercise import Exercise
from .saved import Progress, load

TECHNIQUES = ("introduction", "batch_norm", "rms_norm", "layer_norm")
TECHNIQUES += ("other_techniques", "performance")


def all_exercises() -> dict[str, Exercise]:
    """Map ids such as "batch_norm.forward" to exercises, in order."""
    found = {}
    for technique in TECHNIQUES:
        module = import_module(f".{technique}", __name__)
        found |= {exercise.id: exercise for exercise in module.EXERCISES}
    return found


def progress() -> Progress:
    """Return what is solved, read from the file of `saved.place`."""
    known = load()
    status = {id: known.get(id, "not attempted") for id in all_exercises()}
    return Progress(status)
