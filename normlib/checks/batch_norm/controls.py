"""batch_norm.design: a control that tells two explanations apart."""

# ruff: noqa: ANN201 (the answer is written as a learner's)

from ..exercise import Exercise
from .judging import judge, measured
from .places import PLACES


def design():
    """Return three pairs of arms, what is read, and how many nets."""
    batch = {"norm": "batch", "noise": 0.0}
    batch |= {"rate": "quickest", "weights": "same"}
    return {
        "control": (batch, batch | {"noise": 0.3}),
        "null": (batch, batch | {"weights": "other"}),
        "positive": (batch, batch | {"noise": 0.9}),
        "read": "steps",
        "seeds": 20,
    }


plan = Exercise(
    id="batch_norm.design",
    answer=design,
    file=__file__,
    places=PLACES,
    use=judge,
    cases=lambda: [None],
    measured=measured,
    hints=(
        "What could you take from BatchNorm that one explanation needs "
        "and the other does not?",
        "Either the steadiness, by noise that gives more shift than a "
        "plain net has and stops no net, or the higher rate. One of them. "
        "What must change nothing, and what must take the lead anyway?",
        '(batch, batch | {"noise": 0.3}); null: other weights; positive: '
        "noise 0.9; read steps, on 20 seeds",
    ),
    afterwards="Worth knowing next: two designs pass, noise 0.3 and the "
    "plain net's rate. They agree: held to that rate BatchNorm loses most "
    "of its lead, unsteady it keeps most.",
)
