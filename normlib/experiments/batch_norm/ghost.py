"""Does BatchNorm regularize, and at which m?

An MLP learns letters and figures from few images, so that it over-fits;
the labels are true, or 40 % are drawn anew. BatchNorm sees the images of
a step in groups of m, "ghost batches": the optimizer's batch stays while
the noise in the statistics changes. Every arm has its own best learning
rate, found on other images with true labels.

Scope: MLPs of four layers on 1000 glyphs of 16×16, 64 images a step, 400
steps of SGD with momentum. What helps, the noise or the rates that a norm
allows, is not parted; LayerNorm stands beside, which has no such noise.
"""

from itertools import product

from ...records import Record
from ..decisions import Decision, Estimate, above, estimate, settle, within
from ..intervals import Interval, best, join
from ..introduction.places import worst
from ..protocol import Config, Rows, Trial, Unit
from .overfit import AGAIN, DECAY, FULL, PILOT, fit, saved

MARGIN = 5.0  # per cent of the errors: one in twenty is worth a norm
SIZES = [4, 16, FULL]
COLUMNS = {f"{k}_error": f"{k} error (%)" for k in ("test", "train")}
LABELS = {0.0: "true labels", 0.4: "noisy labels"}

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "hoffer2017"),
    grid={
        "noise": list(LABELS),
        "norm": ["none", "layer", "batch", DECAY, AGAIN],
        "m": SIZES,
    },
    keep=lambda unit: unit["norm"] == "batch" or (
        unit["m"] == FULL
        and (unit["norm"] in ("none", "layer") or unit["noise"] > 0)
    ),
    config={
        "first_seed": 1000, "rates": [0.01, 0.03, 0.1, 0.3, 1.0],
        "batch": FULL, "steps": 400, "seeds": 16, "n": 1000, "val": 1000,
        "test": 4000, "difficulty": 0.5,
    },
    live={
        "noise": [0.4], "norm": ["none", "batch"], "m": [4, FULL],
        "rates": [0.1], "steps": 100, "seeds": 2, "test": 1000,
    },
    gpu={"steps": 2000, "seeds": 40},
    pilots=[PILOT],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once."""
    return fit(config, device, **unit)


@trial.null
def other_batches(record: Record) -> Estimate:
    """No norm beside no norm that saw other batches: nothing is saved."""
    return worst([
        estimate("% saved by other batches", c, within, MARGIN, 2)
        for c in saved(record, max(LABELS), AGAIN)
    ])  # fmt: skip


@trial.positive
def weight_decay(record: Record) -> Estimate:
    """Weight decay regularizes, as is known: it has to save both."""
    return worst([
        estimate("% saved by weight decay", c, above, MARGIN, 2)
        for c in saved(record, max(LABELS), DECAY)
    ])  # fmt: skip


@trial.rule("bn.regularizes")
def is_regularizer(record: Record) -> Decision:
    """A regularizer lowers the error on clean test images and closes the
    gap between it and the training error. BatchNorm at each m beside no
    norm, with true labels and with 40 % drawn anew, each at its own best
    learning rate, paired by seed; 95 % intervals for all together, in per
    cent of the test error without a norm. It regularizes where test error
    and gap both fall by more than {MARGIN:.0f} %; not where one of them
    does not, by all of its interval. In all cases: holds. In some, and not
    in the rest: holds when. In none: does not hold. Otherwise open.
    """
    arms = {
        f"m = {m} with {LABELS[noise]}": saved(record, noise, "batch", m)
        for noise, m in product(LABELS, SIZES)
    }
    tests = [both[0].interval().mean for both in arms.values()]
    decay = [c.interval() for c in saved(record, max(LABELS), DECAY)]
    layer = [
        join([c.interval() for c in saved(record, noise, "layer")])
        for noise in LABELS
    ]
    than = f"weight decay {decay[0].mean:.0f}"
    return settle(
        arms, above, MARGIN,
        because=(
            "Per cent of the errors saved, and of the gap closed: {arms}. "
            f"Beside it: weight decay with noisy labels {join(decay)}; "
            f"LayerNorm {layer[0]}, with noisy labels {layer[1]}."
        ),
        when="{arms}",
        says={
            "holds": f"Saves {min(tests):.0f} to {max(tests):.0f} % of "
            f"errors where MLPs over-fit; {than}.",
            "holds when": f"Saves ≤{max(tests):.0f} % of errors in "
            f"{{clear_count}} of {{count}} cases; {than}.",
            "does not hold": f"Saves {max(tests):.0f} % at most where an "
            f"MLP over-fits; {than}: use that.",
        },
    )  # fmt: skip


def error(record: Record, m: int, norm: str, **arm: str) -> Interval | None:
    """Return an error with noisy labels, at the arm's own best rate."""
    size = m if norm == "batch" else FULL
    place = {"noise": max(LABELS), "norm": norm, "m": size}
    return best(record, **arm, **place) if record.where(**place) else None


trial.curves(
    error, "m", {"column": COLUMNS},
    lines=["none", "layer", "batch"], xlabel="m, values that share a mean",
    ylim=(0, None),
)  # fmt: skip
