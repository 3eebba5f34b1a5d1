"""performance.copies: count what a program moves through memory."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable
from statistics import median

from ... import records
from ..answers import Answer, Blank
from ..exercise import Exercise
from .places import PLACES
from .programs import LARGE, PROGRAMS


def copies(program, large, kept):
    """Return how many copies of x a program moves."""
    moved = 0
    for i, kernel in enumerate(program):
        read, made = set(), set()
        for out, names in kernel:
            read |= set(names) - made
            made.add(out)
        later = set(kept)
        for after in program[i + 1 :]:
            later.update(*(names for _, names in after))
        moved += len(read & large) + len(made & later & large)
    return moved / 2


def count(f: Callable, name: str) -> Answer:
    """Count one program."""
    program, kept = PROGRAMS[name]
    value = f(program, LARGE, kept)
    if value is None:
        raise Blank("Your function returns None.")
    return {f"copies: {name}": float(value)}


def took(step: str) -> float:
    """Return what a step of the ladder took, in copies."""
    record = records.load("performance.ladder")
    own = record.where(step=step, phase="both")
    unit = record.where(step="copy", phase="forward")
    of = {
        row["seed"]: row["seconds"] for row in unit if row["race"] == "rms"
    }
    return median(row["seconds"] / of[row["seed"]] for row in own)


def measured(answers: list[Answer]) -> str:
    """Set the count of the formula beside what it took."""
    ((name, yours),) = answers[0].items()
    told = (
        f"Measured: the formula took {took('naive'):.1f} copies, forward "
        f"and backward. You count {yours:g}."
    )
    if answers[0] != count(copies, name.removeprefix("copies: ")):
        return told
    return (
        f"{told} The program that was timed does just these operations, so "
        f"the other {took('naive') - yours:.1f} are no arrays that you "
        "missed but time beside the traffic. A product with r, for one, "
        "takes NumPy longer than a copy of as many bytes."
    )


moves = Exercise(
    id="performance.copies",
    answer=copies,
    file=__file__,
    places=PLACES,
    use=count,
    cases=lambda: [*PROGRAMS],
    measured=measured,
    hints=(
        "Which arrays must a kernel fetch, and which of those it makes "
        "does anybody want afterwards?",
        "A name is fetched once a kernel, and not if the kernel made it "
        "itself. It is written if a later kernel reads it or it is kept. "
        "Each of these is half a copy, if it is large.",
        "moved += len(read & large) + len(made & later & large)",
    ),
    afterwards="Worth knowing next: one kernel that keeps x̂ moves half a "
    "copy more, and its backward must fetch x̂ where it would fetch x. "
    "Computing it again is free: the arithmetic hides behind memory.",
)
