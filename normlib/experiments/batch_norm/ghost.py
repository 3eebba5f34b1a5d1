"""Does BatchNorm regularize, and at which m?

BatchNorm sees the images of a step in groups of m, "ghost batches": the
optimizer's batch stays while the noise in the statistics changes. A net
that learns labels drawn anew by heart errs more on the test images.

Scope: MLPs of two hidden layers on 8×8 digits, 40 % of the training labels
drawn anew, 256 images a step, 300 steps.
"""

from functools import partial

from ...data import relabel
from ...records import Record
from ..before import settle
from ..decisions import Decision, above
from ..intervals import Interval, excess, mean_of, paired_interval
from ..nets.ghost import GhostBatchNorm
from ..nets.patches import PatchNet
from ..nets.training import sweep
from ..protocol import Config, Rows, Trial, Unit

MARGIN = 3.0  # points of test error that a regularizer must save
RATE = 0.1  # the common learning rate of the verdict
KINDS = ("test", "train")

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "hoffer2017"),
    grid={
        "noise": [0.0, 0.4], "norm": ["none", "layer", "batch"],
        "m": [4, 8, 16, 32, 64, 256],
    },
    keep=lambda unit: unit["norm"] == "batch" or unit["m"] == 256,
    config={
        "rates": [0.01, 0.03, RATE], "batch": 256, "steps": 300,
        "seeds": 10,
    },
    live={
        "noise": [0.4], "norm": ["none", "batch"], "m": [8, 256],
        "rates": [RATE], "steps": 100, "seeds": 2,
    },
    gpu={"steps": 1500, "seeds": 40},
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    norm = unit["norm"]
    if norm == "batch":
        norm = partial(GhostBatchNorm, n=unit["m"])
    make = partial(PatchNet, side=1, norm=norm, width=2)
    noisy = partial(relabel, share=unit["noise"])
    return sweep(config, make, device, decay=True, prepare=noisy)


def pair(record: Record, m: int, norm: str = "none") -> list[dict]:
    """Name a norm's nets with noisy labels, and BatchNorm's at m."""
    arm = {"noise": max(record.config["noise"])}
    return [arm | {"norm": norm}, arm | {"norm": "batch", "m": m}]


def saved(record: Record, column: str, m: int) -> Interval:
    """Points by which the plain net exceeds BatchNorm's at `RATE`."""
    nets = pair(record, m)
    return paired_interval(
        *(record.values(column, rate=RATE, **net) for net in nets)
    )


@trial.rule("bn.regularizes")
def is_regularizer(record: Record) -> Decision:
    """A regularizer fits the noisy training labels less and errs less on
    clean test images. BatchNorm at each m beside no norm: same initial
    weights, same steps, learning rate {RATE}, paired by seed. It
    regularizes at m when the 95 % interval of the saved test error lies
    above {MARGIN:.0f} points and that of the training error below 0. At all
    m: holds. At some: holds when. Under {MARGIN:.0f} points at all m: does
    not hold. Otherwise open.
    """
    arms, own = {}, []
    for m in record.config["m"]:
        test, train = (saved(record, f"{k}_error", m) for k in KINDS)
        # Beyond the margin, and fitted less: both above 0.
        arms[f"m = {m}"] = [test.plus(-MARGIN), train.times(-1)]
        own.append(f"m = {m} {excess(record, *pair(record, m))}")
    return settle(
        arms, above, 0.0,
        because=(
            f"Points of test error saved beyond {MARGIN:.0f}, and of "
            f"training error added, at the same learning rate: {{arms}}. "
            f"Saved with each at its own best rate: {'; '.join(own)}."
        ),
        when="the learning rate is the same, at {arms}",
    )  # fmt: skip


def error(record: Record, m: int, column: str, norm: str) -> Interval:
    """Return an error in per cent at the common rate."""
    other, own = pair(record, m, norm)
    net = own if norm == "batch" else other
    return mean_of(record, column, rate=RATE, **net)


trial.curves(
    error, "m", {"column": {f"{k}_error": f"{k} error (%)" for k in KINDS}},
    xlabel="m, values that share a mean", ylim=(0, None),
)  # fmt: skip
