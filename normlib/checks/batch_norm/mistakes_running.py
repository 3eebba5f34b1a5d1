"""Mistakes with running statistics: how they move, where they are used."""

from __future__ import annotations

from ..mistakes import Mistake
from . import places as at

UPDATES = (
    Mistake(
        "running-not-in-place",
        "rule",
        "The running arrays never change: you made new arrays, or no "
        "update at all.",
        "evaluation uses the starting values, mean 0 and variance 1, "
        "however long you train.",
        "write into them: `running_mean[:] = …` or `*=` and `+=`.",
        at.RUNNING,
    ),
    Mistake(
        "running-replaced",
        "rule",
        "You replaced the running arrays by those of the last batch.",
        "evaluation depends on which batch came last.",
        "keep 1 − momentum of the old: (1 − momentum)·old + momentum·new.",
        at.MOMENTUM,
    ),
    Mistake(
        "running-summed",
        "rule",
        "You added momentum·new without shrinking the old value.",
        "the running arrays grow with every step, and evaluation fades.",
        "multiply the old value by 1 − momentum.",
        at.MOMENTUM,
    ),
    Mistake(
        "momentum-inverted",
        "rule",
        "You used momentum·old + (1 − momentum)·new. That is Keras' "
        "meaning; here, as in torch, momentum weighs the new value.",
        "with 0.1 the arrays follow each batch; evaluation is noisy.",
        "(1 − momentum)·old + momentum·new.",
        at.MOMENTUM,
    ),
    Mistake(
        "momentum-fixed",
        "momentum",
        "You ignored the argument momentum and used 0.1.",
        "short trainings that set it higher are evaluated with stale "
        "statistics.",
        "use the argument.",
        at.MOMENTUM,
    ),
    Mistake(
        "running-var-biased",
        "kept",
        "You kept the variance divided by m. The running one is divided "
        "by m − 1.",
        "with small m, evaluation output is too large: 15 % at m = 4.",
        "multiply by m/(m − 1) before it goes into running_var.",
        at.UNBIASED,
    ),
    Mistake(
        "running-var-plus-eps",
        "kept-eps",
        "You kept var + ε, so ε is counted twice in evaluation.",
        "nearly constant channels shrink in evaluation.",
        "keep the variance; add ε under the root, at use.",
        at.RUNNING,
    ),
    Mistake(
        "running-var-is-deviation",
        "kept-root",
        "You kept the deviation, not the variance.",
        "your own evaluation may agree; a state loaded from or into "
        "another library is wrong.",
        "running_var is a variance; take the root at use.",
        at.RUNNING,
    ),
    Mistake(
        "running-var-forgotten",
        "kept-var",
        "You updated running_mean and left running_var.",
        "evaluation divides by 1 for ever.",
        "update both arrays.",
        at.RUNNING,
    ),
)

USES = (
    Mistake(
        "updated-in-evaluation",
        "when",
        "You updated the running arrays in evaluation too.",
        "each validation run moves the model; the order of test batches "
        "changes the score.",
        "update only if training.",
        at.MODES,
    ),
    Mistake(
        "updated-first",
        "used",
        "In training you updated the running arrays and normalized with "
        "them.",
        "gradients belong to another function; training is unstable.",
        "in training normalize with the batch; the running arrays only "
        "watch.",
        at.MODES,
    ),
    Mistake(
        "batch-statistics-in-evaluation",
        "used-eval",
        "You normalized with the batch in evaluation.",
        "a prediction depends on who else is in the batch; a batch of "
        "one gives β.",
        "in evaluation use running_mean and running_var.",
        at.MODES,
    ),
    Mistake(
        "no-eps-in-evaluation",
        "eps-eval",
        "You left ε out in evaluation.",
        "a channel that was silent in training divides by 0.",
        "use √(running_var + ε).",
        at.MODES,
    ),
    Mistake(
        "no-gamma-in-evaluation",
        "gamma-eval",
        "You returned x̂ in evaluation, without γ and β.",
        "training looks well, evaluation fails.",
        "scale and shift in both modes.",
        at.MODES,
    ),
)
RUNNING = UPDATES + USES
