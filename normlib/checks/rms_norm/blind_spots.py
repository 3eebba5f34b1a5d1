"""rms_norm.probe: find one input on which ten wrong norms show."""

# ruff: noqa: ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, Blank, Unusable
from ..exercise import Exercise
from ..laws import Broken
from ..outcome import pre, say
from .given import WRONG, rms_norm
from .places import PLACES


def telling_input():
    """Return x (N, m), gamma (m,) and eps."""
    large = [300.0, 900.0, -200.0, 100.0]
    small = [0.05, -0.02, 0.03, 0.06]
    x = np.array([large, small], np.float16)
    gamma = np.array([0.5, 2.0, -1.5, 3.0])
    eps = 1e-3
    return x, gamma, eps


def try_all(f: Callable, _: None) -> Answer:
    """Run each wrong norm on the input; say which are off by 1 %."""
    found = f()
    if found is None:
        raise Blank("Your function returns None.")
    if not isinstance(found, tuple) or len(found) != 3:
        raise Unusable("What you return must be x, gamma and eps.")
    x, gamma, eps = (np.asarray(v, float) for v in found)
    if x.ndim != 2 or gamma.shape != x.shape[1:] or eps.shape or not x.size:
        raise Unusable("x must be (N, m), gamma (m,), eps one number.")
    refuse(x, gamma, eps)
    right = rms_norm(x, gamma, eps)
    return {
        does: "missed"
        if np.allclose(wrong(x, gamma, eps), right, rtol=0.01, atol=0)
        else "caught"
        for does, (wrong, _) in WRONG.items()
    }


def refuse(x: np.ndarray, gamma: np.ndarray, eps: np.ndarray) -> None:
    """Say what of an input the task does not allow."""
    if not eps > 0:
        raise Unusable(f"eps is {eps:g}; it must be above 0.")
    if not np.isfinite(gamma).all():
        raise Unusable("gamma must be finite.")
    if not np.isfinite(x).all():
        raise Unusable("x must be finite.")
    if (far := x.flat[abs(x).argmax()]) and abs(far) > 65504:
        raise Unusable(
            f"x has {far:.15g}; it must be within 65504, the largest that "
            "float16 holds."
        )
    held = x.astype(np.float16).astype(float)
    if (held != x).any():
        off, kept = x[held != x][0], held[held != x][0]
        raise Unusable(
            f"x must be float16, and that does not hold {off:.15g}: it "
            f"becomes {kept:.15g}. np.float16(x) rounds x to what it holds."
        )


def measured(answers: list[Answer]) -> str:
    """Say how many are caught."""
    n = [*answers[0].values()].count("caught")
    return f"Measured: your input catches {n} of {len(WRONG)} wrong norms."


def missing(f: Callable) -> Broken:
    """List the norms that pass, and where each would show."""
    seen = try_all(f, None)
    left = [does for does in WRONG if seen[does] == "missed"]
    lines = [f"{does}: needs {WRONG[does][1]}" for does in left]
    return "", [say("These pass your test:"), pre("\n".join(lines))]


probe = Exercise(
    id="rms_norm.probe",
    answer=telling_input,
    file=__file__,
    places=PLACES,
    use=try_all,
    cases=lambda: [None],
    laws=(missing,),
    measured=measured,
    hints=(
        "For each wrong norm: on which input does it give what the right "
        "one gives? Avoid all of these at once.",
        "A mean of 0, γ of ones, a single row, halves alike, squares below "
        "65504, rows far above √ε: each hides one. How do you get large "
        "squares and a small row into one x?",
        "two rows of float16, as [300, 900, -200, 100] and "
        "[0.05, -0.02, 0.03, 0.06], with eps = 1e-3 and a γ of different "
        "numbers",
    ),
    afterwards="Worth knowing next: standard normal x, γ of ones and "
    "ε = 10⁻⁶ are the usual test. Five of these ten pass it.",
)
