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
        "mean-not-divided",
        "mean",
        "You subtracted the sum of x, not its mean.",
        "every channel is shifted by m − 1 times its mean, and the "
        "variance counts the shift as spread.",
        "divide the sum by m, or use x.mean.",
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
        "with m = 4, x̂ is 13 % too small and differs from torch's.",
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
        "squared-after-mean",
        "variance",
        "You squared the mean of x − μ; that mean is 0, and so is your "
        "variance.",
        "only ε is left under the root: x − μ is divided by √ε, and the "
        "output explodes.",
        "square each x − μ first, then take the mean.",
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
        "the mean survives: y is centred at β + γμ/σ, not at β.",
        "divide x − μ by σ.",
        at.EQUATIONS,
    ),
    Mistake(
        "brackets-missing",
        "centre",
        "You computed x − μ/σ: only μ is divided.",
        "the output keeps the scale of x, and the layer does nothing "
        "about it.",
        "put brackets around x − μ before you divide.",
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
        "at ε = 10⁻⁵ hardly anything, unless a channel is nearly constant: "
        "torch divides it by √ε = 0.003, you by ε, and it comes out up to "
        "300 times larger.",
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
        "outputs keep the root of their scale: a channel 100 times larger "
        "comes out 10 times larger.",
        "put the variance under the root, not the deviation.",
        at.EQUATIONS,
    ),
    Mistake(
        "divided-by-variance",
        "division",
        "You divided by the variance, not by its root.",
        "a channel of deviation s comes out with deviation 1/s: large ones "
        "small, small ones large.",
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
        "the scale is squared, and squared again in the next layer, until "
        "numbers overflow or vanish.",
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
