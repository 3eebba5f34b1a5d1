"""Mistakes in the forward: statistics, division, scale and shift."""

from __future__ import annotations

from ..mistakes import Mistake
from . import places as at

STATISTICS = (
    Mistake(
        "over-features",
        "set",
        "You took mean and variance along axis 1: over the features of "
        "each sample. That is layer norm.",
        "it trains, but each sample stands alone, so nothing that the "
        "course measures about batches shows up.",
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
        "use the mean.",
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
        "divide x − μ.",
        at.EQUATIONS,
    ),
    Mistake(
        "sign-flipped",
        "centre",
        "You computed μ − x.",
        "it trains: γ learns the sign. A layer loaded from elsewhere "
        "gives the opposite.",
        "compute x − μ.",
        at.EQUATIONS,
    ),
    Mistake(
        "eps-missing",
        "division",
        "You left ε out.",
        "a channel that is constant in a batch gives 0/0, and the loss "
        "becomes NaN.",
        "use √(var + ε).",
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
        "divide.",
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

SCALE = (
    Mistake(
        "no-gamma",
        "gamma",
        "You left γ out.",
        "γ gets no gradient and never moves.",
        "return γ x̂ + β.",
        at.SCALE_SHIFT,
    ),
    Mistake(
        "gamma-plus-one",
        "gamma",
        "You scaled by 1 + γ.",
        "a layer that starts with γ = 1 starts with twice the scale.",
        "scale by γ; 1 + γ is a convention of its own, with γ = 0 at the "
        "start.",
        at.SCALE_SHIFT,
    ),
    Mistake(
        "no-beta",
        "beta",
        "You left β out.",
        "β never moves, and half of each channel stays below a ReLU.",
        "return γ x̂ + β.",
        at.SCALE_SHIFT,
    ),
    Mistake(
        "beta-subtracted",
        "beta",
        "You subtracted β.",
        "it trains with β of the other sign; a loaded model is wrong.",
        "add β.",
        at.SCALE_SHIFT,
    ),
    Mistake(
        "beta-inside",
        "beta",
        "You added β before scaling: γ(x̂ + β).",
        "where γ is small the shift is small too; a loaded model is wrong.",
        "scale first, then shift: γ x̂ + β.",
        at.SCALE_SHIFT,
    ),
    Mistake(
        "gamma-beta-swapped",
        "order",
        "You used β as the scale and γ as the shift.",
        "with γ = 1 and β = 0 at the start, every output is 1: nothing "
        "is learned.",
        "the order is x, gamma, beta: γ scales, β shifts.",
        at.SCALE_SHIFT,
    ),
)

IMAGES = (
    Mistake(
        "batch-only",
        "set",
        "You reduced over the batch alone, so each pixel has its own "
        "statistics.",
        "m is N, not N·H·W: statistics are noisy, and shifting an image "
        "by a pixel changes what the layer does.",
        "reduce over axes (0, 2, 3).",
        at.OPERATOR,
    ),
    Mistake(
        "space-only",
        "set",
        "You reduced over H and W of each sample. That is instance norm.",
        "contrast between images is lost; it trains, often worse.",
        "reduce over the batch too: axes (0, 2, 3).",
        at.OPERATOR,
    ),
    Mistake(
        "over-channels-too",
        "set",
        "You reduced over C, H and W of each sample. That is layer norm.",
        "channels of different scale stay different.",
        "reduce over axes (0, 2, 3) and keep the channel.",
        at.OPERATOR,
    ),
    Mistake(
        "channel-last",
        "set",
        "You kept the last axis, as if the array were (N, H, W, C).",
        "it runs silently when W = C, and fails with a shape otherwise.",
        "the channel is axis 1 here: reduce over (0, 2, 3).",
        at.OPERATOR,
    ),
    Mistake(
        "mean-of-variances",
        "variance",
        "You averaged the variances of single samples.",
        "how samples differ from one another is left out, so x̂ is too "
        "large.",
        "take one mean and one variance over (0, 2, 3) together.",
        at.OPERATOR,
    ),
    Mistake(
        "on-last-axis",
        "along",
        "You multiplied γ (C,) with x̂ as it is; NumPy lines it up with "
        "the last axis, W.",
        "silent when W = C: columns are scaled, not channels.",
        "reshape γ and β to (1, C, 1, 1).",
        at.OPERATOR,
    ),
)

FORWARD = STATISTICS + DIVISION + SCALE
