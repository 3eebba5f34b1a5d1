"""other_techniques.suspect: which norm a group norm really is."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable
from functools import partial

from ..answers import Answer
from ..exercise import Exercise
from ..naming import all_named, confusions
from .passes import FAULTS, one_pass
from .places import PLACES


def fault_of(x, y, G):
    """Return the fault of a norm that got x and gave y, or "healthy"."""
    N, C, H, W = x.shape
    if C // G * H * W < 3:
        return "groups too small"
    groups = y.reshape(N, G, C // G, H * W)
    if H * W > 1 and abs(groups.mean(axis=2)).max() < 1e-6:
        return "one mean a position"
    if abs(groups.mean(axis=(2, 3))).max() < 1e-6:
        return "healthy"
    if abs(groups.mean(axis=(0, 2, 3))).max() < 1e-6:
        return "over the batch"
    rows = y.swapaxes(1, 2).reshape(N, G, -1)
    if abs(rows.mean(axis=2)).max() < 1e-6:
        return "rows for channels"
    return "other neighbours"


# Seed, shape of x, and groups.
CASES = [(0, (3, 8, 4, 3), 2), (1, (2, 8, 8, 2), 4), (2, (3, 8, 2, 5), 2)]
CASES += [(3, (2, 12, 3, 4), 3), (4, (4, 16, 4, 1), 4)]
CASES += [(5, (3, 12, 12, 2), 6)]


def told(f: Callable, case: tuple) -> Answer:
    """Let a function name one run of each kind."""
    runs = {f"{fault} {case}": one_pass(fault, *case) for fault in FAULTS}
    return all_named(f, runs, FAULTS)


suspect = Exercise(
    id="other_techniques.suspect",
    answer=fault_of,
    file=__file__,
    places=PLACES,
    use=told,
    cases=lambda: CASES,
    measured=partial(confusions, things="runs"),
    hints=(
        "Values that share a mean have the mean 0 in y, whatever ε is. "
        "Which values are that in each row of the table?",
        "Count m first. In y.reshape(N, G, C // G, H * W) a mean 0 over "
        "(2, 3) is sound, unless it is 0 over 2 at each of several "
        "positions. Over (0, 2, 3) it is the batch.",
        "rows: y.swapaxes(1, 2).reshape(N, G, -1).mean(2) is 0; and if no "
        "set fits, the neighbours are others",
    ),
    afterwards="Worth knowing next: not one of these raises an error. Ours "
    "looks at y alone: values that share a mean have the mean 0.",
)
