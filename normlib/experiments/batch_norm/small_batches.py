"""Does LayerNorm suit an optimizer that sees few images a step?

Here the batch of the optimizer is small, not only the sets of a norm: 2
to 48 images a step, and as many in all, so that 2 images mean 24 times the
steps. Rates are given for 48 images; a batch of B takes B/48 of them.

Scope: Nets of three hidden layers on 62 glyphs of 16×16, 6144 images seen,
SGD with momentum. Where a step costs time whatever its size, small batches
are dear; that is another matter.
"""

from functools import partial

from ...data import glyphs
from ...records import Record
from ..arms import Arm, Contrast, read
from ..decisions import (
    Arms,
    Decision,
    Estimate,
    above,
    below,
    estimate,
    settle,
    within,
)
from ..intervals import Interval
from ..nets.tiles import TileNet
from ..nets.training import sweep
from ..protocol import Config, Pilot, Rows, Trial, Unit, seeds

MARGIN = 2.0  # points of error, a tenth to a fifth of what the nets err
LOST = 90.0  # per cent: so many errors at every rate leave none to choose
FULL = 48  # images a step that are not few
FEW = (2, 4)
NETS = {1: "MLP", 4: "CNN"}
TWIN = {"side": 4, "norm": "twin", "B": 8}

trial = Trial(
    __name__, __doc__, source=("ba2016", "wuhe2018"),
    grid={
        "side": [1, 4], "norm": ["layer", "batch", "none", "twin"],
        "B": [2, 4, 8, FULL],
    },
    keep=lambda unit: unit["norm"] != "twin" or unit == TWIN,
    config={
        "first_seed": 1000, "seeds": 16, "seen": 6144,
        "rates": [0.03, 0.1, 0.3, 1.0],
    },
    live={
        "norm": ["layer", "batch", "none"], "B": [4, FULL],
        "rates": [0.1], "seen": 1152, "seeds": 2,
    },
    gpu={"seen": 12_288, "seeds": 24},
    pilots=[Pilot(
        range(900, 903),
        "LayerNorm 13 % error in the MLP and 10 % in the CNN at 2 images, "
        "18 and 13 at 48; BatchNorm 95 and 10 at 2, 13 and 11 at 48; no "
        "norm 16 and 12 at 2, 21 and 17 at 48; best rates 0.07 to 0.3",
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


def at(record: Record, side: int, norm: str, B: int) -> Arm:
    """Read a net; lost at every rate, at the rate that suits 48 images."""
    cell = {"side": side, "norm": norm}
    found = read(record, B=B, **cell)
    if found.criterion.mean(1).min() > LOST and B < FULL:
        full = read(record, B=FULL, **cell)
        rate = full.rates[full.chosen]
        found = read(record, B=B, rate=rate, **cell)
    return found


@trial.null
def another_start(record: Record) -> Estimate:
    """Train LayerNorm's CNN again, at 8 images, from other weights."""
    side, norm, B = TWIN.values()
    pair = (at(record, side, name, B) for name in (norm, "layer"))
    return estimate(
        "other weights, points of error", Contrast(*pair), within, MARGIN
    )


@trial.positive
def batch_norm_at_two(record: Record) -> Estimate:
    """BatchNorm's MLP at 2 images, where no gradient passes."""
    pair = (at(record, 1, "batch", B) for B in (2, FULL))
    return estimate(
        "BatchNorm, 2 images, points of error", Contrast(*pair), above,
        MARGIN,
    )  # fmt: skip


@trial.rule("ln.small-batch")
def suits_few(record: Record) -> Decision:
    """LayerNorm's test error at 2 and at 4 images a step, MLP and CNN,
    minus its own at 48, BatchNorm's and that without a norm at as many,
    each at its best learning rate, paired by seed; 95 % intervals of all
    twelve together. A net suits when all three lie below {MARGIN:.0f}
    points, and does not when one lies above. All suit: holds. None: does
    not hold. Some, and the others do not: holds when. Otherwise open.
    BatchNorm lost at every rate ({LOST:.0f} % and more) is read at the
    rate that suits it at 48.
    """
    arms: Arms = {}
    for side, net in NETS.items():
        for B in FEW:
            own = at(record, side, "layer", B)
            peers = [("layer", FULL), ("batch", B), ("none", B)]
            arms[f"{net} with {B}"] = [
                Contrast(own, at(record, side, *peer)) for peer in peers
            ]
    worst = max(c.interval().mean for arm in arms.values() for c in arm)
    return settle(
        arms, below, MARGIN, when="it is the {arms} images a step",
        last="or", because=(
            "LayerNorm minus LayerNorm at 48, BatchNorm and no norm, in "
            "points: {arms}."
        ),
        says={
            "holds": "With 2 or 4 images a step LayerNorm trained as well "
            "as any here.",
            "holds when": "LayerNorm suits the {clear} images a step here.",
            "does not hold": "At 2 or 4 images a step LayerNorm lost up to "
            f"{worst:.0f} points.",
        },
    )  # fmt: skip


@trial.reading
def error(record: Record, side: int, norm: str, B: int) -> Interval:
    """Return the interval of the test error, at the best rate."""
    return at(record, side, norm, B).interval()


trial.curves(
    error, "B", {"side": NETS},
    lines=("layer", "batch", "none"), xlabel="images a step",
    ylabel="test error (%)", ylim=(0, None),
)  # fmt: skip
