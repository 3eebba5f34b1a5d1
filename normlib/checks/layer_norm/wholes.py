"""layer_norm.steps: a linear map in eight bits, by whole numbers."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np

from ..answers import Answer, Unusable, staged
from ..exercise import Exercise
from .places import PLACES

STAGES = ("y_step", "W_step", "y8", "W8", "sums", "out")


def in_eight_bits(y, W, b):
    """Return a dict: y_step, W_step, y8, W8, sums, out."""
    y_step = abs(y).max(axis=1) / 127
    y_step = np.where(y_step == 0, 1, y_step)
    W_step = abs(W).max(axis=1) / 127
    y8 = np.round(y / y_step[:, None]).astype(np.int8)
    W8 = np.round(W / W_step[:, None]).astype(np.int8)
    sums = y8.astype(np.int32) @ W8.T.astype(np.int32)
    out = sums * y_step[:, None] * W_step + b
    found = {"y_step": y_step, "W_step": W_step, "y8": y8, "W8": W8}
    return found | {"sums": sums, "out": out}


def serve(f: Callable, case: tuple) -> Answer:
    """Serve drawn tokens; any step above 0 will do where y is 0."""
    seed, T, D, out = case
    rng = np.random.default_rng(seed)
    y, W = rng.normal(0.2, 1, (T, D)), rng.normal(-0.1, 1, (out, D))
    y, W = y * rng.uniform(0.2, 9, (T, 1)), W * rng.uniform(1, 5, (out, 1))
    if T != D:
        y[1] = 0  # as padding may be
    found = staged(f(y, W, rng.normal(0.3, 4, out)), STAGES)
    for name in (n for n in ("y8", "W8") if n in found):
        if found[name].dtype != np.int8:
            kind = found[name].dtype
            raise Unusable(f"{name} holds {kind}; it must be int8.")
    for name, shape in (("y_step", T), ("W_step", out)):
        if name in found and found[name].size == shape:
            found[name] = found[name].reshape(shape)
    if T != D and np.shape(found.get("y_step")) == (T,):
        found["y_step"][1] = np.sign(found["y_step"][1])
    return {n: found[n].astype(float) for n in STAGES if n in found}


steps = Exercise(
    id="layer_norm.steps",
    answer=in_eight_bits,
    file=__file__,
    places=PLACES,
    slips=True,
    use=serve,
    cases=lambda: [(1, 4, 4, 4), (2, 3, 64, 5)],
    stages=True,
    hints=(
        "Of which numbers is a step the largest, over 127? Which steps can "
        "be taken out of a sum over features? What holds 64 · 127²?",
        "Σⱼ (m yⱼ)(n Wᵢⱼ) = m n Σⱼ yⱼ Wᵢⱼ with m one a token, n one a row. "
        "The sum needs 32 bits; b comes last and is not rounded.",
        "y8.astype(np.int32) @ W8.T.astype(np.int32), then "
        "* y_step[:, None] * W_step + b; a step of 0 becomes 1",
    ),
    afterwards="Worth knowing next: a step a token is found while the net "
    "runs. One step for all can be fixed before, and is faster.",
)
