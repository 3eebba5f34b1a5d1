"""Does LayerNorm suit an optimizer that sees few images a step?

Here the batch of the optimizer is small, not only the sets of a norm: 2
to 48 images a step, and as many in all, so that 2 images mean 24 times the
steps. Rates are given for 48 images; a batch of B takes B/48 of them.

Scope: Nets of three hidden layers on 62 glyphs of 16×16, 6144 images seen,
SGD with momentum. What a step costs in time is another matter.
"""

from functools import partial

from ...data import glyphs
from ...records import Record
from ..arms import Contrast
from ..decisions import (
    Decision,
    Estimate,
    above,
    below,
    estimate,
    settle,
    within,
)
from ..nets.tiles import TileNet
from ..nets.training import sweep
from ..protocol import Config, Pilot, Rows, Trial, Unit, seeds
from .batches_seen import CONTROL, FEW, FULL, NETS, at, compared, error
from .sets_seen import MARGIN

TWIN = {"side": 4, "norm": "twin", "B": 4}

trial = Trial(
    __name__, __doc__, source=("ba2016", "wuhe2018"),
    grid={
        "side": [1, 4], "norm": ["layer", "batch", "none", "twin"],
        "B": [*FEW, FULL],
    },
    keep=lambda unit: unit["norm"] != "twin" or unit == TWIN,
    config={
        "first_seed": 1000, "seeds": 20, "seen": 6144,
        "rates": [0.03, 0.1, 0.3, 1.0],
    },
    live={
        "norm": ["layer", "batch", "none"], "B": [4, FULL],
        "rates": [0.1], "seen": 1152, "seeds": 2,
    },
    gpu={"seen": 12_288, "seeds": 24},
    pilots=[Pilot(
        range(900, 903),
        "LayerNorm 14 % error in the MLP and 10 % in the CNN at 2 images, "
        "18 and 13 at 48; BatchNorm 93 and 10 at 2, 13 and 11 at 48; no "
        "norm 14 and 12 at 2, 21 and 17 at 48; LayerNorm and BatchNorm "
        "within a point in the CNN; best rates 0.1 and 0.3",
    )],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once.

    A twin is LayerNorm from other weights.
    """
    norm, start, steps = unit["norm"], 0, config["seen"] // unit["B"]
    if norm == "twin":
        norm, start = "layer", 500_000
    scaled = [rate * unit["B"] / FULL for rate in config["rates"]]
    rows = sweep(
        config | {"rates": scaled, "batch": unit["B"], "steps": steps},
        lambda seed: TileNet(seed + start, side=unit["side"], norm=norm),
        device, decay=True, every=steps, columns=(),
        source=partial(glyphs, n=3000, test=2000, side=16, difficulty=0.5),
    )  # fmt: skip
    # Rates come one after the other, each with all seeds.
    shown = [rate for rate in config["rates"] for _ in seeds(config)]
    return [
        row | {"rate": rate} for row, rate in zip(rows, shown, strict=True)
    ]


@trial.null
def another_start(record: Record) -> Estimate:
    """Train LayerNorm's CNN again, at 4 images, from other weights."""
    pair = Contrast(*(at(record, 4, n, 4) for n in ("twin", "layer")))
    return estimate("other weights, in points", pair, within, MARGIN)


@trial.positive
def batch_norm_at_two(record: Record) -> Estimate:
    """BatchNorm's MLP at 2 images, where no gradient passes."""
    side, few = CONTROL
    pair = Contrast(*(at(record, side, "batch", B) for B in (few, FULL)))
    return estimate("m = 2, points of error", pair, above, MARGIN)


@trial.rule("ln.small-batch")
def suits_few(record: Record) -> Decision:
    """LayerNorm's test error at 2 and at 4 images a step, MLP and CNN,
    minus its own at 48, and at as many that without a norm and BatchNorm's
    (not in the MLP at 2: the control), each at its best learning rate,
    paired by seed; 95 % intervals of all together. A net suits when all its
    intervals lie below {MARGIN:.0f} points, and does not when one lies
    above. All suit: holds. None: does not hold. Some, and the others do
    not: holds when. Otherwise open.
    """
    arms = compared(record)
    worst = max(c.interval().mean for arm in arms.values() for c in arm)
    return settle(
        arms, below, MARGIN, when="it is the {arms} images a step",
        last="or", because=(
            "LayerNorm minus LayerNorm at 48, no norm and BatchNorm, in "
            "points: {arms}."
        ),
        says={
            "holds": "LayerNorm trained as well as any at 2 or 4 images.",
            "holds when": "LayerNorm suited {clear_count} of {count} nets; "
            f"elsewhere it lost up to {worst:.0f} points.",
            "does not hold": "At 2 or 4 images a step LayerNorm lost up to "
            f"{worst:.0f} points.",
        },
    )  # fmt: skip


trial.reading(error)
trial.curves(
    error, "B", {"side": NETS},
    lines=("layer", "batch", "none"), xlabel="images a step",
    ylabel="test error (%)", ylim=(0, None),
)  # fmt: skip
