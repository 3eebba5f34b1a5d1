"""Exercises on the backward: in stages, and as a projection."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

import numpy as np

from ...reference import batch_norm_backward, batch_norm_forward
from ..answers import Answer, Blank, Unusable, as_array, named
from ..exercise import Exercise
from ..gradients import BACKWARD as PROPERTIES
from . import inputs, mistakes_backward, mistakes_stages, wrong_backward
from .solutions import closed as closed_solution
from .solutions import staged as staged_solution

GRADS = ("dx", "dgamma", "dbeta")
STAGES = ("dbeta", "dgamma", "dx_hat", "dvar", "dmu", "dx")


def project(f: Callable, case: inputs.Case) -> Answer:
    """Call a closed-form backward on what the forward kept."""
    x, gamma, beta, dy, eps = case.values()
    _, kept = batch_norm_forward(x, gamma, beta, eps=eps)
    sigma = kept.sigma.ravel()
    return named(f(dy, kept.x_hat, gamma, sigma), GRADS)


def closed_right(
    dy: np.ndarray, x_hat: np.ndarray, gamma: np.ndarray, sigma: np.ndarray
) -> tuple:
    """Return the reference's gradients; ε was in σ."""
    from types import SimpleNamespace

    kept = SimpleNamespace(
        x_hat=x_hat,
        sigma=sigma,
        gamma=gamma,
        beta=gamma,
        scale=gamma,
        axes=(0,),
        centre=True,
        along=(1,),
        shape=x_hat.shape,
        dtype=x_hat.dtype,
    )
    return batch_norm_backward(dy, kept)


def _blank(value: object) -> bool:
    return value is None or value is Ellipsis


def stage(f: Callable, case: inputs.Case) -> Answer:
    """Call a staged backward and return its intermediates."""
    x, gamma, _, dy, eps = case.values()
    grads = f(dy, x, x.mean(0), x.var(0), gamma, eps)
    if not isinstance(grads, dict):
        return named(grads, STAGES)
    for name in grads.keys() - {*STAGES}:
        if meant := get_close_matches(str(name), STAGES, 1, 0.8):
            raise Unusable(f"Your dict has {name}; is it {meant[0]}?")
    begun = [n for n in STAGES if not _blank(grads.get(n))]
    if not begun:
        raise Blank("Your dict holds none of the six gradients.")
    return {n: as_array(grads[n], n) for n in begun}


def staged_right(
    dy: np.ndarray,
    x: np.ndarray,
    mu: np.ndarray,
    var: np.ndarray,
    gamma: np.ndarray,
    eps: float,
) -> Answer:
    """Return the reference's gradients, and those of var and μ.

    These two the reference never forms: with P written out, dvar is
    what dx holds along x − μ, and dmu what it holds along the ones.
    """
    _, kept = batch_norm_forward(x, gamma, gamma, eps=eps)
    dx, dgamma, dbeta = batch_norm_backward(dy, kept)
    g, sigma = gamma * dy, kept.sigma.ravel()
    dvar = -(g * kept.x_hat).sum(0) / (2 * sigma**2)
    dmu = -g.sum(0) / sigma
    stages = (dbeta, dgamma, g, dvar, dmu, dx)
    return dict(zip(STAGES, stages, strict=True))


staged_backward = Exercise(
    id="batch_norm.staged_backward",
    act=stage,
    cases=lambda: [inputs.draw(6, 4, 3), inputs.draw(7, 5, 2, eps=0.6)],
    right=staged_right,
    wrong=wrong_backward.staged,
    mistakes=mistakes_stages.STAGED,
    hints=(
        "Draw the forward as a graph: x goes three ways into x̂. Which "
        "nodes does every sample share?",
        "var and μ: what comes back to them is a sum over the batch. "
        "x̂ = (x − μ)·(var + ε)^(−½), so one sample sends "
        "dx̂·(x − μ)·(−½)σ⁻³ to var and −dx̂/σ to μ. And x gets three "
        "parts: through x̂ 1/σ, through var 2(x − μ)/m, through μ 1/m.",
        "dvar = (dx_hat * (x - mu)).sum(axis=0) * -0.5 / sigma**3, and "
        "dx = dx_hat / sigma + 2 * (x - mu) * dvar / m + dmu / m",
    ),
    then="Worth knowing next: put dvar and dmu into dx and the three "
    "terms become one projection, dx = (1/σ) P g.",
    answer=staged_solution.batch_norm_backward,
    stages=True,
)

backward = Exercise(
    id="batch_norm.backward",
    act=project,
    cases=lambda: [inputs.draw(8, 4, 3), inputs.draw(9, 5, 2, eps=0.6)],
    right=closed_right,
    wrong=wrong_backward.closed,
    mistakes=mistakes_backward.CLOSED,
    hints=(
        "Which two directions of dx can change nothing in x̂?",
        "Along the ones and, at ε = 0, along x̂. With g = γ dy, write "
        "dx = (g − a − b·x̂)/σ with one a and one b a channel. What must "
        "they be, so that dx sums to 0 and so does dx·x̂? Recall Σ x̂ = 0 "
        "and Σ x̂² = m.",
        "dx = (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / sigma",
    ),
    then="Worth knowing next: the columns of dx sum to zero, so a bias "
    "in front of batch norm gets no gradient.",
    answer=closed_solution.batch_norm_backward,
    properties=PROPERTIES,
    stages=True,
)
