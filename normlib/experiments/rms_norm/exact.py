"""Is RMSNorm what its equation says? PyTorch is the witness.

Nothing is trained. Random rows go through torch.nn, and what comes out
is compared with the equations, written out in NumPy. Beside them stand
the same rows in another order, which may change nothing, and an equation
with a mistake, which has to be off.

Scope: torch.nn.RMSNorm and LayerNorm, random rows of 3 to 39 numbers; the
formula in float32, all else in float64.
"""

from dataclasses import replace

from matplotlib.figure import Figure

from ...records import Record
from ..decisions import Decision, fits, settle
from ..deviations import (
    a_mistake,
    done_again,
    draw,
    names_of,
    off,
    rows_of,
)
from ..protocol import Config, Pilot, Rows, Trial, Unit
from .equations import CHECKS

SINGLE = 1e-5  # float32's rounding, with room
SIZES = (1, 0.001, 0)

trial = Trial(
    __name__, __doc__, source=("zhang2019rmsnorm",),
    grid={"check": list(CHECKS)},
    config={"first_seed": 6000, "seeds": 20},
    live={"seeds": 2}, gpu={"seeds": 200},
    pilots=[Pilot(range(3000, 3020), (
        "the record before, with the same verdicts; γ was 1 throughout"
    )), Pilot(range(4000, 4020), (
        "again, with a random γ and the same verdicts; a headline had "
        "sixteen words"
    )), Pilot(range(5000, 5020), (
        "once more, by the same rules and with the same verdicts"
    ))],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return one row a seed and quantity: the largest deviation."""
    return rows_of(CHECKS[unit["check"]], config, device)


trial.null(done_again)
trial.positive(a_mistake)


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
        f"RMS {size:g}": [off(record, check, f"RMS = {size:g}", SINGLE)]
        for size in SIZES
    }
    arms["RMS 1"] += [off(record, check, "with γ", SINGLE)]
    faint = arms["RMS 0.001"][0].interval().mean * SINGLE
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
    return draw(record, "rms", names_of(record))
