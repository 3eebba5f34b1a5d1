"""Mistakes in the forward: the statistics and the division by σ."""

from __future__ import annotations

from ..mistakes import Mistake
from . import places as at
from .mistakes_scale import SCALE

STATISTICS = (
    Mistake(
        "over-features",
        "set",
        "You took mean and variance along axis 1: over the features of "
        "each sample. That is layer norm.",
        "it trains, as another norm: a sample no longer depends on its "
        "batch, and evaluation needs no running statistics.",
        "reduce over axis 0, the batch, and keep one value a feature.",
        at.EQUATIONS,
    ),
    Mistake(
        "over-everything",
        "set",
        "You took one mean and one variance of the whole array.",
        "channels keep their different means and scales; the largest "
        "drowns the others.",
        "reduce over every axis but the channel's, axis 1.",
        at.EQUATIONS,
    ),
    Mistake(
        "mean-of-absolute",
        "mean",
        "You subtracted the mean of |x|, not the mean of x.",
        "a channel with values of both signs comes out below zero; a ReLU "
        "behind it goes quiet.",
        "use x.mean, with the signs.",
        at.EQUATIONS,
    ),
    Mistake(
        "median",
        "mean",
        "You subtracted the median, not the mean.",
        "skewed channels keep a mean, and the backward of the course no "
        "longer belongs to this forward.",
        "subtract the mean.",
        at.EQUATIONS,
    ),
    Mistake(
        "unbiased-variance",
        "variance",
        "You divided the sum of squares by m − 1. x̂ uses the variance "
        "divided by m.",
        "with m = 4, x̂ is 13 % too small and differs from every library.",
        "divide by m (`x.var(0)`; in torch `correction=0`). m − 1 is for "
        "running_var alone.",
        at.UNBIASED,
    ),
    Mistake(
        "second-moment",
        "variance",
        "You took the mean of x², not of (x − μ)².",
        "a channel far from zero comes out almost flat: its mean counts "
        "as spread.",
        "subtract the mean first, then square.",
        at.EQUATIONS,
    ),
    Mistake(
        "absolute-deviation",
        "variance",
        "You took the mean of |x − μ| as the deviation.",
        "the output is about 25 % too large for bell-shaped channels.",
        "take the root of the mean of squares.",
        at.EQUATIONS,
    ),
    Mistake(
        "sum-of-squares",
        "variance",
        "You summed the squares and did not divide by m.",
        "the output shrinks as the batch grows, by √m.",
        "use the mean of the squares.",
        at.EQUATIONS,
    ),
    Mistake(
        "range",
        "variance",
        "You divided by the range, max − min.",
        "one outlier flattens its whole channel.",
        "divide by the root of the variance.",
        at.EQUATIONS,
    ),
)

DIVISION = (
    Mistake(
        "mean-not-subtracted",
        "centre",
        "You divided x by σ without subtracting μ.",
        "the mean survives and grows from layer to layer.",
        "divide x − μ by σ.",
        at.EQUATIONS,
    ),
    Mistake(
        "sign-flipped",
        "centre",
        "You computed μ − x.",
        "it trains: γ learns the sign. A layer loaded from elsewhere "
        "gives the opposite.",
        "subtract μ from x.",
        at.EQUATIONS,
    ),
    Mistake(
        "eps-missing",
        "division",
        "You left ε out.",
        "a channel that is constant in a batch gives 0/0, and the loss "
        "becomes NaN.",
        "divide by √(var + ε).",
        at.EQUATIONS,
    ),
    Mistake(
        "eps-outside-root",
        "division",
        "You added ε to the deviation: √var + ε.",
        "nothing in most channels; in nearly constant ones the output is "
        "up to 1/√ε = 300 times larger than torch's.",
        "add ε to the variance, under the root.",
        at.EQUATIONS,
    ),
    Mistake(
        "eps-squared",
        "division",
        "You added ε² under the root.",
        "nearly constant channels are blown up 300 times more than meant.",
        "add ε itself to the variance.",
        at.EQUATIONS,
    ),
    Mistake(
        "eps-subtracted",
        "division",
        "You subtracted ε from the variance.",
        "a channel with a variance below ε gives the root of a negative "
        "number.",
        "add ε: var + ε is never below ε.",
        at.EQUATIONS,
    ),
    Mistake(
        "deviation-not-variance",
        "division",
        "You took the root twice: √(σ + ε).",
        "outputs keep part of their scale; deep nets still die, later.",
        "put the variance under the root, not the deviation.",
        at.EQUATIONS,
    ),
    Mistake(
        "divided-by-variance",
        "division",
        "You divided by the variance, not by its root.",
        "large activations come out small and small ones large.",
        "divide by √(var + ε).",
        at.EQUATIONS,
    ),
    Mistake(
        "not-divided",
        "division",
        "You subtracted μ and never divided by σ.",
        "the scale of activations still grows or dies with depth.",
        "divide x − μ by √(var + ε).",
        at.EQUATIONS,
    ),
    Mistake(
        "multiplied",
        "division",
        "You multiplied by √(var + ε) where you should divide.",
        "the scale is squared in each layer; a few layers overflow.",
        "divide by σ.",
        at.EQUATIONS,
    ),
    Mistake(
        "eps-fixed",
        "eps",
        "You ignored the argument eps and used 1e-5.",
        "models saved with another ε (1e-3 in Keras) give other outputs.",
        "use the argument.",
        at.EQUATIONS,
    ),
)

FORWARD = STATISTICS + DIVISION + SCALE
