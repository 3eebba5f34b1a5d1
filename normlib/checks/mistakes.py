"""A named mistake: a switch on a wrong implementation, and its words."""

from __future__ import annotations

from dataclasses import dataclass

from .outcome import Part, say


@dataclass(frozen=True)
class Mistake:
    """What you did, how training shows it, the cure, where to read.

    Two mistakes with a word of `slot` in common exclude each other: one
    quantity cannot be wrong in two ways.
    """

    id: str
    slot: str
    did: str
    symptom: str
    fix: str
    place: str  # "02_batch_normalization/two_functions#The forgotten eval"

    def parts(self) -> tuple[Part, ...]:
        """Return the words for an outcome."""
        return (
            say(self.did),
            say(f"What follows: {self.symptom}"),
            say(f"To mend it: {self.fix}"),
            Part("link", self.place),
        )


def compatible(*mistakes: Mistake) -> bool:
    """Tell whether these can be made at once."""
    words = [word for m in mistakes for word in m.slot.split()]
    return len({*words}) == len(words)
