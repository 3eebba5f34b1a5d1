"""Is RMSNorm what its equation says? PyTorch is the witness.

Nothing is trained. Random rows go through torch.nn, and what comes out
is compared with the equations, written out in NumPy. Beside them stand
the same rows in another order, which may change nothing, and an equation
with a mistake, which has to be off.

Scope: torch.nn.RMSNorm and LayerNorm, random rows of 3 to 39 numbers; the
formula in float32, all else in float64.
"""

from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..arms import Extremes
from ..decisions import Decision, Estimate, estimate, fits, misses, settle
from ..protocol import Config, Pilot, Rows, Trial, Unit, seeds
from .equations import CHECKS

# Rounding, with room: of float64, and of float32 where that is the format.
AGREE = {"centring": 1e-9, "formula": 1e-5}
SIZES = (1, 0.001, 0)

trial = Trial(
    __name__, __doc__, source=("zhang2019rmsnorm",),
    grid={"check": list(CHECKS)},
    config={"first_seed": 5000, "seeds": 20},
    live={"seeds": 2}, gpu={"seeds": 200},
    pilots=[Pilot(range(3000, 3020), (
        "the record before, with the same verdicts; γ was 1 throughout"
    )), Pilot(range(4000, 4020), (
        "again, with a random γ and the same verdicts; a headline had "
        "sixteen words"
    ))],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return one row a seed and quantity: the largest deviation."""
    rows: Rows = []
    for seed in seeds(config):
        found = CHECKS[unit["check"]](np.random.default_rng(seed), device)
        rows += [
            {
                "seed": seed, "quantity": name,
                "value": float(f"{v:.3g}") if np.isfinite(v) else None,
            }
            for name, v in found.items()
        ]  # fmt: skip
    return rows


def off(record: Record, check: str, quantity: str) -> Extremes:
    """Return a quantity of all seeds, in units of what may be off."""
    found = record.values("value", check=check, quantity=quantity)
    values = [np.inf if v is None else v for v in found]
    return Extremes(values, AGREE[check])


@trial.null
def in_another_order(record: Record, check: str) -> Estimate:
    """Give the layer the same rows in another order."""
    seen = off(record, check, "null")
    return estimate("another order of rows, off by", seen, fits, 1.0)


@trial.positive
def a_planted_mistake(record: Record, check: str) -> Estimate:
    """Compare with an equation that holds a mistake."""
    seen = off(record, check, "planted")
    return estimate("a planted mistake, off by", seen, misses, 1.0)


@trial.rule("rms.drops-mean", check="centring")
def all_but_the_mean(record: Record, check: str) -> Decision:
    """LayerNorm of a row beside RMSNorm of the same row, centred. As
    functions: with ε = 0 they agree, and the cosine between LN(x) and
    RMS(x) is 1/√(1 + (μ/σ)²). As layers: they agree with the ε that each
    takes by default, on rows of deviation 0.001, and with LayerNorm's shift
    β. Each fits when off by less than 1e-9 for every seed, and is refuted
    when off by ten times that for every seed. All fit: holds. Some, and
    the rest is refuted: holds when. None: does not hold. Else open.
    """
    arms = {
        "the function": [
            off(record, check, q) for q in ("LN(x) − RMS(x − μ)", "cosine")
        ],
        "PyTorch's defaults": off(
            record, check, "with defaults, σ = 0.001"
        ),
        "the shift β": off(record, check, "with a shift β"),
    }
    return settle(
        arms, fits, 1.0, when="{arms} is meant",
        because="Off by, in units of 1e-9: {arms}.",
        says={
            "holds": "Centre first and RMSNorm is LayerNorm, defaults and "
            "shift included.",
            "holds when": "A swap of layers also drops β and changes ε; "
            "check both.",
            "does not hold": "RMSNorm is not LayerNorm without centring.",
        },
    )  # fmt: skip


@trial.rule("rms.formula", check="formula")
def no_epsilon(record: Record, check: str) -> Decision:
    """PyTorch's layer, with the ε it takes, beside γ x / RMS(x) without ε,
    in float32, for rows of RMS 1, with γ = 1 and a random γ, of RMS 0.001,
    and rows of zeros. Each fits when
    it is within 1e-5 for every seed, and is refuted when off by ten times
    that for every seed; NaN against a number is off without limit. All
    fit: holds. Some, and the rest is refuted: holds when. None: does not
    hold. Else open.
    """
    arms = {
        f"RMS {size:g}": [off(record, check, f"RMS = {size:g}")]
        for size in SIZES
    }
    arms["RMS 1"] += [off(record, check, "with γ")]
    faint = arms["RMS 0.001"][0].interval().mean * AGREE[check]
    found = settle(
        arms, fits, 1.0, when="rows have {arms}",
        because="Off by, in units of 1e-5: {arms}.",
        says={
            "holds": "The layer is x / RMS(x), for any row.",
            "holds when": "Keep ε: zero rows give NaN; at RMS 0.001 "
            f"outputs move up to {faint:.2f}.",
            "does not hold": "PyTorch's layer is not x / RMS(x).",
        },
    )  # fmt: skip
    told = found.because.replace("not to be told", "∞, for NaN")
    return replace(found, because=told)


@trial.reading
def plot(record: Record) -> Figure:
    """Draw every quantity: what must fit filled, mistakes open."""
    names = [
        (check, name)
        for check in record.distinct("check")
        for name in record.distinct("quantity", check=check)
        if name != "null"
    ]
    fig, (ax,) = figures.panels(1, height=0.4 * len(names) + 1.2)
    color = figures.STYLES["rms"][1]
    for y, (check, name) in enumerate(names):
        values = record.values("value", check=check, quantity=name)
        x = np.maximum([v for v in values if v is not None], 1e-17)
        face = "white" if name == "planted" else color
        ax.plot(x, [-y] * len(x), "^", color=color, mfc=face)
        if len(x) < len(values):
            ax.text(1e-17, -y, "NaN", color=color, va="center")
    ax.set(xscale="log", xlabel="largest deviation (0 is drawn at 10⁻¹⁷)")
    ax.set_xticks([1e-15, 1e-10, 1e-5, 1.0])
    ax.minorticks_off()
    ax.set_yticks(
        [-y for y in range(len(names))],
        [f"{n}: {c}" if n == "planted" else n for c, n in names],
    )
    return figures.finish(fig, record)
