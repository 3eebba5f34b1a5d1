"""Mistakes in the backward: the projection, 1/σ, dγ and dβ."""

from __future__ import annotations

from ..mistakes import Mistake
from . import places as at

SLOW = "gradients are wrong by a factor; training is slow or unstable."

PROJECTION = (
    Mistake(
        "mu-constant",
        "ones",
        "You treated μ as a constant: the mean of g is still in dx.",
        "the bias before the layer gets a gradient it should not have, "
        "and drifts.",
        "subtract the mean of g over the batch.",
        at.PROJECTION,
    ),
    Mistake(
        "ones-added",
        "ones",
        "You added the mean of g where you should subtract it.",
        "the part of the gradient that should vanish is doubled.",
        "dx = (g − mean(g) − x̂·mean(g x̂))/σ.",
        at.PROJECTION,
    ),
    Mistake(
        "ones-of-dy",
        "ones",
        "You took the mean of dy, without γ.",
        "right at the start, when γ = 1; wrong as soon as γ moves.",
        "take the mean of g = γ dy.",
        at.PROJECTION,
    ),
    Mistake(
        "sigma-constant",
        "along",
        "You treated σ as a constant: dx keeps its part along x̂.",
        "weights are pushed along themselves, where the loss does not "
        "change; they grow.",
        "subtract x̂·mean(g x̂).",
        at.PROJECTION,
    ),
    Mistake(
        "x-hat-added",
        "along",
        "You added the part along x̂ where you should subtract it.",
        "the part of the gradient that should vanish is doubled.",
        "dx = (g − mean(g) − x̂·mean(g x̂))/σ.",
        at.PROJECTION,
    ),
    Mistake(
        "x-hat-of-dy",
        "along",
        "You took mean(dy x̂), without γ, for the part along x̂.",
        "right at the start, when γ = 1; wrong as soon as γ moves.",
        "use g = γ dy.",
        at.PROJECTION,
    ),
    Mistake(
        "x-hat-forgotten-in-sum",
        "along",
        "You subtracted x̂·mean(g), not x̂·mean(g x̂).",
        "what should vanish stays; the loss falls slowly.",
        "multiply g by x̂ before the mean.",
        at.PROJECTION,
    ),
    Mistake(
        "x-hat-not-put-back",
        "along",
        "You subtracted mean(g x̂) and did not multiply it by x̂.",
        "every sample is pushed the same way.",
        "x̂ appears twice: inside the mean and in front of it.",
        at.PROJECTION,
    ),
    Mistake(
        "sums-not-means",
        "m",
        "You subtracted sums over the batch, not means.",
        "the gradient grows with the batch and points elsewhere.",
        "divide both sums by m.",
        at.PROJECTION,
    ),
    Mistake(
        "m-minus-one",
        "m",
        "You divided by m − 1.",
        "a small part along the ones and along x̂ survives; it grows as m "
        "shrinks.",
        "divide by m: the forward did.",
        at.PROJECTION,
    ),
    Mistake(
        "projected-over-features",
        "m",
        "You took the means over axis 1, the features.",
        "that is layer norm's backward on batch norm's forward.",
        "take them over axis 0, the set of the forward.",
        at.PROJECTION,
    ),
    Mistake(
        "gamma-missing",
        "g",
        "You left γ out: dx needs g = γ dy.",
        "right while γ = 1, wrong afterwards.",
        "start with g = gamma * dy.",
        at.PROJECTION,
    ),
    Mistake(
        "divided-by-gamma",
        "g",
        "You divided dy by γ.",
        "channels with a small γ get huge gradients.",
        "multiply: y = γ x̂ + β, so ∂y/∂x̂ = γ.",
        at.PROJECTION,
    ),
    Mistake(
        "sigma-missing",
        "sigma",
        "You forgot 1/σ.",
        SLOW,
        "divide by σ: x̂ = (x − μ)/σ.",
        at.PROJECTION,
    ),
    Mistake(
        "sigma-squared",
        "sigma",
        "You divided by σ², once too often.",
        SLOW,
        "divide by σ once.",
        at.PROJECTION,
    ),
    Mistake(
        "multiplied-by-sigma",
        "sigma",
        "You multiplied by σ.",
        SLOW,
        "divide by σ.",
        at.PROJECTION,
    ),
    Mistake(
        "dx-sign",
        "sign",
        "dx has the wrong sign.",
        "the layers below climb the loss.",
        "start from +g, not −g.",
        at.PROJECTION,
    ),
)

PARAMETERS = (
    Mistake(
        "dgamma-mean",
        "dgamma",
        "You took the mean over the batch for dγ.",
        "γ learns m times too slowly.",
        "sum: every sample used the same γ.",
        at.PARAMETERS,
    ),
    Mistake(
        "dgamma-of-g",
        "dgamma",
        "You multiplied dγ by γ.",
        "γ near 0 stays there.",
        "dγ = Σ dy x̂, without γ.",
        at.PARAMETERS,
    ),
    Mistake(
        "dgamma-without-x-hat",
        "dgamma",
        "You summed dy for dγ. That is dβ.",
        "γ and β move together.",
        "dγ = Σ dy x̂.",
        at.PARAMETERS,
    ),
    Mistake(
        "dgamma-not-summed",
        "dgamma",
        "You did not sum dγ over the batch.",
        "the shape (N, C) does not fit γ (C,).",
        "sum it over axis 0.",
        at.PARAMETERS,
    ),
    Mistake(
        "dbeta-mean",
        "dbeta",
        "You took the mean over the batch for dβ.",
        "β learns m times too slowly.",
        "sum: every sample used the same β.",
        at.PARAMETERS,
    ),
    Mistake(
        "dbeta-of-g",
        "dbeta",
        "You multiplied dβ by γ.",
        "β learns slowly where γ is small.",
        "dβ = Σ dy: β is added after γ.",
        at.PARAMETERS,
    ),
    Mistake(
        "dbeta-not-summed",
        "dbeta",
        "You did not sum dβ over the batch.",
        "the shape (N, C) does not fit β (C,).",
        "sum it over axis 0.",
        at.PARAMETERS,
    ),
    Mistake(
        "dgamma-dbeta-swapped",
        "order",
        "dγ and dβ changed places.",
        "γ moves with β's gradient, and β with γ's.",
        "return (dx, dγ, dβ).",
        at.PARAMETERS,
    ),
)
CLOSED = PROJECTION + PARAMETERS
