"""Mistakes with γ and β, and with the axes of images."""

from __future__ import annotations

from ..mistakes import Mistake
from . import places as at

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
        "add β after scaling.",
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
        "divided-by-images",
        "mean variance",
        "You summed over N, H and W, and divided by N alone.",
        "mean and variance are H·W times too large: y is far from β, and "
        "the more so the larger the image.",
        "divide by m = N·H·W, or use x.mean and x.var over (0, 2, 3).",
        at.COUNT,
    ),
    Mistake(
        "variance-divided-by-images",
        "variance",
        "You summed the squares over N, H and W, and divided by N alone.",
        "the variance is H·W times too large, and y is too small.",
        "divide by m = N·H·W, or use the mean over (0, 2, 3).",
        at.COUNT,
    ),
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
        "height-left-out",
        "set",
        "You reduced over axes 0 and 3, so each row of pixels has its own "
        "statistics.",
        "m is N·W, and shifting an image up by a pixel changes what the "
        "layer does.",
        "reduce over axes (0, 2, 3).",
        at.OPERATOR,
    ),
    Mistake(
        "width-left-out",
        "set",
        "You reduced over axes 0 and 2, so each column of pixels has its "
        "own statistics.",
        "m is N·H, and shifting an image sideways by a pixel changes what "
        "the layer does.",
        "reduce over axes (0, 2, 3).",
        at.OPERATOR,
    ),
    Mistake(
        "flattened-across-channels",
        "set",
        "You reshaped (N, C, H, W) to (-1, C) as it lies in memory. Its "
        "columns then mix all channels: the last axis of x is W.",
        "every shape fits, and no channel is normalized.",
        "move the channel first: x.transpose(0, 2, 3, 1).reshape(-1, C).",
        at.OPERATOR,
    ),
    Mistake(
        "cut-into-c-pieces",
        "set",
        "You reshaped (N, C, H, W) to (C, -1) as it lies in memory. Its "
        "rows are pieces of the batch, not channels.",
        "every shape fits, and no channel is normalized.",
        "swap the axes first: x.transpose(1, 0, 2, 3).reshape(C, -1).",
        at.OPERATOR,
    ),
    Mistake(
        "reshaped-back",
        "back",
        "You moved the channel last and came back by reshape alone.",
        "the right numbers stand in the wrong places: pixels and channels "
        "are shuffled.",
        "reshape to (N, H, W, C), then transpose(0, 3, 1, 2).",
        at.OPERATOR,
    ),
    Mistake(
        "left-channel-last",
        "back",
        "You moved the channel last and left it there.",
        "the next layer takes W for its channels.",
        "end with transpose(0, 3, 1, 2).",
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
        "keepdims-missing",
        "lines",
        "You dropped the axes: μ and var are (C,), and NumPy lines them "
        "up with the last axis, W.",
        "silent when W = C: each column gets the mean of some channel.",
        "use keepdims=True, or reshape them to (1, C, 1, 1).",
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
