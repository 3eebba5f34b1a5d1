"""The exercises on other techniques, in the order of the pages."""

from .strengths import restyle

EXERCISES = (restyle,)  # instance

__all__ = ["EXERCISES", "restyle"]
