"""Is BatchNorm the best norm for a CNN, and for an MLP?

A CNN and an MLP of 2 and of 8 layers learn 8×8 digits with each norm at
its own best learning rate. BatchNorm has all 48 images of a step in its
statistics: this is its home ground.

Scope: MLP and CNN of 2 and 8 hidden layers on 8×8 digits, no skips, 48
images a step, 400 steps of SGD with momentum.
"""

from functools import partial
from itertools import product

from ...records import Record
from ...table import Table
from ..before import settle
from ..decisions import Decision, State, above
from ..intervals import Interval, best, excess, join
from ..nets.patches import PatchNet
from ..nets.training import sweep
from ..protocol import Config, Rows, Trial, Unit

MARGIN = 1.0  # percentage points of test error that make a difference
NETS = {1: "MLP", 4: "CNN"}

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "wuhe2018"),
    grid={
        "side": list(NETS), "depth": [2, 8],
        "norm": ["none", "layer", "rms", "group", "batch"],
    },
    config={
        "rates": [0.03, 0.1, 0.3], "batch": 48, "steps": 400, "seeds": 10,
    },
    live={
        "side": [1], "depth": [2], "norm": ["layer", "batch"],
        "rates": [0.1], "steps": 100, "seeds": 2,
    },
    gpu={"steps": 2000, "seeds": 40},
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    return sweep(config, partial(PatchNet, **unit), device, decay=True)


def ahead(interval: Interval, margin: float) -> State:
    """Clear when BatchNorm is ahead at all, refuted when by too little."""
    found = above(interval, 0.0)
    near = found is State.UNCLEAR and interval.high < margin
    return State.REFUTED if near else found


@trial.rule("bn.cnn", side=4)
@trial.rule("bn.mlp", side=1)
def is_best(record: Record, side: int) -> Decision:
    """Test error of every other norm, and of none, minus BatchNorm's, each
    at its best learning rate, at 2 and 8 layers, paired by seed, 95 %
    intervals for all peers together. All above 0 at both depths: holds; at
    one: holds when. Some peer less than {MARGIN:.0f} point behind at both:
    does not hold. Otherwise open.
    """
    *peers, own = record.config["norm"]
    arms = {}
    for depth in record.config["depth"]:
        net = {"side": side, "depth": depth}
        arms[f"{depth} layers"] = [
            excess(record, net | {"norm": peer}, net | {"norm": own},
                   comparisons=len(peers))
            for peer in peers
        ]  # fmt: skip
    because = (
        f"Test error minus BatchNorm's in points, {NETS[side]}, of "
        f"{join(peers)}: {{arms}}."
    )
    when = "the net has {arms}"
    return settle(arms, ahead, MARGIN, because=because, when=when)


@trial.reading
def table(record: Record) -> Table:
    """Return the test error in per cent, a row a norm, a column a net."""
    nets = list(product(record.config["side"], record.config["depth"]))
    head = [f"{NETS[side]}, {depth} layers" for side, depth in nets]
    rows = [
        (norm, *(best(record, norm=norm, side=s, depth=d) for s, d in nets))
        for norm in record.config["norm"]
    ]
    return Table(("norm", *head), rows)


trial.curves(
    best, "depth", {"side": NETS}, log=False, xlabel="hidden layers",
    ylabel="test error (%)", ylim=(0, None),
)  # fmt: skip
