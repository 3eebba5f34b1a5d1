"""Mistakes in the backward: the projection and 1/σ."""

from __future__ import annotations

from ..mistakes import Mistake
from . import places as at
from .mistakes_parameters import PARAMETERS

SLOW = "gradients are wrong by a factor; training is slow or unstable."

PROJECTION = (
    Mistake(
        "mu-constant",
        "ones",
        "You treated μ as a constant: the mean of g is still in dx.",
        "the bias before the layer gets a gradient it should not have, "
        "and drifts.",
        "let the gradient through μ too. In stages that is + dmu/m; in "
        "the closed form, − the mean of g = γ dy.",
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
        "each step also moves the weights below along themselves, longer "
        "or shorter, where y does not change at all.",
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
        "the part along x̂ is not removed; a multiple of mean(g) is added "
        "to it.",
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
        "exact-projection",
        "along",
        "You divided by x̂ᵀx̂. It is m only at ε = 0; P has 1/m.",
        "the part along x̂ is removed entirely. A fraction ε/σ² of it "
        "should pass: nearly all in a nearly constant channel.",
        "subtract x̂·mean(g x̂), with the plain mean.",
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
        "gamma-twice",
        "g",
        "You multiplied by γ twice.",
        "right while γ = 1, wrong afterwards.",
        "g = γ dy holds γ already.",
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
        "sigma-on-last-term",
        "sigma",
        "You divided the last term alone by σ.",
        "the three terms no longer cancel what they should.",
        "put brackets around g − mean(g) − x̂·mean(g x̂), then divide.",
        at.PROJECTION,
    ),
    Mistake(
        "sigma-taken-for-variance",
        "sigma",
        "You took the root of sigma; sigma is the deviation already.",
        SLOW,
        "divide by sigma itself.",
        at.PROJECTION,
    ),
    Mistake(
        "eps-twice",
        "sigma",
        "You added ε = 10⁻⁵ to σ²; it is in σ already.",
        "hardly anything, until a channel is nearly constant: there dx is "
        "up to 30 % too small.",
        "divide by sigma itself.",
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

CLOSED = PROJECTION + PARAMETERS
