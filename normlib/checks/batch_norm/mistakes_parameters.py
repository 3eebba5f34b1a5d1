"""Mistakes in dγ and dβ, and in the order of the gradients."""

from __future__ import annotations

from ..mistakes import Mistake
from . import places as at

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
    Mistake(
        "dx-last",
        "order dgamma",
        "You returned (dγ, dβ, dx).",
        "each gradient goes to another place; where shapes fit, silently.",
        "return (dx, dγ, dβ), or a dict with their names.",
        at.PARAMETERS,
    ),
    Mistake(
        "order-reversed",
        "order dbeta",
        "You returned (dβ, dγ, dx).",
        "each gradient goes to another place; where shapes fit, silently.",
        "return (dx, dγ, dβ), or a dict with their names.",
        at.PARAMETERS,
    ),
)
