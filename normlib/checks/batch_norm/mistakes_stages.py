"""Mistakes in the staged backward, node by node."""

from __future__ import annotations

from ..mistakes import Mistake
from . import places as at
from .mistakes_backward import CLOSED, SLOW

STAGES = (
    Mistake(
        "eps-missing-in-backward",
        "eps",
        "Your σ in the backward has no ε.",
        "nearly constant channels get huge gradients.",
        "use the σ of the forward, √(var + ε).",
        at.STAGED,
    ),
    Mistake(
        "dvar-without-eps",
        "eps",
        "You left ε out in dvar: it has (var + ε)^(−3/2).",
        "nearly constant channels get huge gradients.",
        "use the σ of the forward, √(var + ε).",
        at.STAGED,
    ),
    Mistake(
        "dmu-without-eps",
        "eps",
        "You left ε out in dmu: it has 1/√(var + ε).",
        "a bias before the layer gets a gradient where it should get none.",
        "use the σ of the forward, √(var + ε).",
        at.STAGED,
    ),
    Mistake(
        "dgamma-with-x",
        "dgamma",
        "You multiplied dy by x for dγ; y = γ x̂ + β needs x̂.",
        "γ's gradient carries the mean of x and is far too large.",
        "dγ = Σ dy x̂.",
        at.PARAMETERS,
    ),
    Mistake(
        "dgamma-with-d",
        "dgamma",
        "You multiplied dy by x − μ for dγ, without 1/σ.",
        "γ learns faster in channels of larger scale.",
        "dγ = Σ dy x̂ with x̂ = (x − μ)/σ.",
        at.PARAMETERS,
    ),
    Mistake(
        "dvar-with-x",
        "dvar-x",
        "You used x, not x − μ, in dvar.",
        "channels far from zero get a wrong gradient.",
        "x̂ = (x − μ)/σ: differentiate that.",
        at.STAGED,
    ),
    Mistake(
        "dvar-sign",
        "dvar",
        "dvar has the wrong sign.",
        "the part along x̂ is doubled, not removed.",
        "the derivative of σ⁻¹ by var is −½ σ⁻³.",
        at.STAGED,
    ),
    Mistake(
        "dvar-without-half",
        "dvar",
        "You forgot the ½ in dvar.",
        "the part along x̂ is turned around, not removed.",
        "the derivative of σ⁻¹ by var is −½ σ⁻³.",
        at.STAGED,
    ),
    Mistake(
        "dvar-power-one",
        "power",
        "You used σ⁻¹ in dvar; it is σ⁻³.",
        SLOW,
        "the derivative of σ⁻¹ by var is −½ σ⁻³.",
        at.STAGED,
    ),
    Mistake(
        "dvar-power-two",
        "power",
        "You used σ⁻² in dvar; it is σ⁻³.",
        SLOW,
        "the derivative of σ⁻¹ by var is −½ σ⁻³.",
        at.STAGED,
    ),
    Mistake(
        "dvar-mean",
        "dvar-sum",
        "You took the mean in dvar; it is a sum.",
        "σ's part of the gradient is m times too small.",
        "every sample used the same variance: sum. The 1/m comes with "
        "∂var/∂x.",
        at.STAGED,
    ),
    Mistake(
        "dmu-sign",
        "dmu",
        "dmu has the wrong sign.",
        "the mean of the gradient is doubled, not removed.",
        "∂x̂/∂μ = −1/σ.",
        at.STAGED,
    ),
    Mistake(
        "dmu-without-sigma",
        "dmu",
        "You forgot 1/σ in dmu.",
        SLOW,
        "∂x̂/∂μ = −1/σ.",
        at.STAGED,
    ),
    Mistake(
        "dmu-mean",
        "dmu-sum",
        "You took the mean in dmu; it is a sum.",
        "μ's part of the gradient is m times too small.",
        "every sample used the same mean: sum. The 1/m comes with ∂μ/∂x.",
        at.STAGED,
    ),
    Mistake(
        "dx-half-of-var",
        "dx-var",
        "You forgot the 2 in ∂var/∂x = 2(x − μ)/m.",
        "half of the part along x̂ survives.",
        "add 2(x − μ)·dvar/m.",
        at.STAGED,
    ),
    Mistake(
        "dx-var-not-over-m",
        "dx-var",
        "You did not divide by m in ∂var/∂x.",
        "the gradient points along x̂, m times too far.",
        "add 2(x − μ)·dvar/m.",
        at.STAGED,
    ),
    Mistake(
        "dx-mu-not-over-m",
        "ones",
        "You did not divide dmu by m in dx.",
        "all samples are pushed the same way, m times too far.",
        "add dmu/m to dx.",
        at.STAGED,
    ),
)
SHARED = ("mu-constant", "gamma-missing", "sigma-missing", "dgamma-mean")
SHARED += ("dgamma-of-g", "dgamma-without-x-hat", "dbeta-mean")
SHARED += ("dbeta-of-g", "dgamma-dbeta-swapped")
STAGED = STAGES + tuple(m for m in CLOSED if m.id in SHARED)
STAGED += tuple(
    Mistake(
        m.id,
        "dx-var",
        m.did,
        m.symptom,
        "add 2(x − μ)·dvar/m to dx.",
        at.STAGED,
    )
    for m in CLOSED
    if m.id == "sigma-constant"
)
