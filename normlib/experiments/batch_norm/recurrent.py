"""Is BatchNorm a problem in recurrent nets, and what mends it?

An LSTM reads a digit half row by half row. Its sums are normalized as in
Cooijmans et al.: W_x x, W_h h and the cell. BatchNorm shares its running
statistics among all steps, or keeps some for each, with γ = 1 or 0.1 at
the start. Sequences have 16 steps, or, with digits stretched or squeezed,
12 to 20, one length a batch; these are also tested on 24.

Scope: LSTMs of 24 units on 8×8 digits read in 12 to 24 steps, 400 steps of
SGD with momentum, batches of 48. Steps beyond those in training take the
last one's statistics, as Cooijmans et al. do.
"""

from itertools import product

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..decisions import Decision, Estimate, above, estimate, settle, within
from ..intervals import best, join
from ..nets.lstm import LSTM
from ..nets.stretched import halved, lengths, longer_error, mixed_error
from ..nets.training import sweep
from ..protocol import Config, Pilot, Rows, Trial, Unit, part
from .lstms import ARMS, CONTROLS, READ, ROWS, excess

MARGIN = 2.0  # points of test error: six of 300 images

trial = Trial(
    __name__, __doc__, source=("cooijmans2017",),
    grid={"lengths": list(ROWS), "arm": [*ARMS, *CONTROLS]},
    keep=lambda u: u["arm"] not in CONTROLS or u["lengths"] == "mixed",
    config={
        "rates": [0.03, 0.1, 0.3, 1.0], "hidden": 24, "batch": 48,
        "steps": 400, "first_seed": 1000, "seeds": 16,
    },
    live={"lengths": ["one"], "arm": ["LayerNorm"], "rates": [0.1],
          "steps": 50, "seeds": 2},
    gpu={"hidden": 100, "steps": 2000, "seeds": 30},
    pilots=[Pilot(
        range(900, 903),
        "Errors at one length, mixed lengths, 24 steps: no norm 4, 4, 7; "
        "LayerNorm 6, 7, 9; BatchNorm shared 32, 52, 54, by step, γ = 1, "
        "4, 6, 26, γ = 0.1 5, 8, 23. LayerNorm had 17 at 28 steps, so 24 "
        "was taken. Best rates 0.1 and 0.3.",
    )],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| networks at once, a length a batch."""
    arm, steps = unit["arm"], config["steps"]
    options = ARMS.get(arm, ARMS["LayerNorm"]) | part(config, "hidden")
    later = 5000 * (arm == "other weights")
    return sweep(
        config, lambda seed: LSTM(seed + later, **options), device,
        decay=True, every=steps, columns=(mixed_error, longer_error),
        watch=lengths(ROWS[unit["lengths"]], steps),
        prepare=halved if arm == "half a digit" else None,
    )  # fmt: skip


@trial.null
def other_weights(record: Record) -> Estimate:
    """Compare LayerNorm with itself from other weights."""
    more = excess(record, "other weights", "mixed lengths")
    return estimate("other weights", more, within, MARGIN)


@trial.positive
def half_a_digit(record: Record) -> Estimate:
    """See that LayerNorm errs more where half of each digit is missing."""
    more = excess(record, "half a digit", "mixed lengths")
    return estimate("half a digit", more, above, MARGIN)


@trial.rule("bn.rnn")
def is_problematic(record: Record) -> Decision:
    """Test error minus LayerNorm's, each at its best learning rate, paired
    by seed, against {MARGIN:.0f} points. Shared statistics are a problem
    if all three, one length, mixed lengths and longer tests, lie above;
    statistics by step in each of these if γ = 1 and 0.1 both lie above,
    and none if one lies below. 95 % intervals, Bonferroni over the nine,
    the choice of the rate inside. All four a problem: holds. Some, and the
    others none: holds when. All none: does not hold. Otherwise open.
    """
    shared, *by_step = (arm for arm in ARMS if arm.startswith("BN"))
    arms = {"shared statistics": [excess(record, shared, p) for p in READ]}
    arms |= {p: [excess(record, arm, p) for arm in by_step] for p in READ}
    plain = [excess(record, "no norm", p).interval() for p in READ]
    won = "; plain ones won" * all(i.high < 0 for i in plain)
    worst = max(c.interval().mean for group in arms.values() for c in group)
    return settle(
        arms, above, MARGIN, when="it has {arms}", last="or",
        because="Test error minus LayerNorm's, in points: {arms}. (Shared "
        "at the three in turn; by step at γ = 1 and 0.1.) No norm, not "
        f"judged: {join(plain)}.",
        says={
            "holds": f"LSTMs: avoid BatchNorm, up to {worst:.0f} points "
            f"worse than LayerNorm{won}.",
            "holds when": f"LSTMs: avoid BatchNorm with {{clear}}{won}.",
            "does not hold": f"LSTMs: no BatchNorm is {MARGIN:.0f} points "
            f"worse than LayerNorm{won}.",
        },
    )  # fmt: skip


@trial.reading
def plot(record: Record) -> Figure:
    """Draw the test error of every arm, at its best rate."""
    points, norms = {}, []
    for (place, (kind, column)), arm in product(READ.items(), ARMS):
        if record.where(arm=arm, lengths=kind):
            own = best(record, column, arm=arm, lengths=kind)
            points[f"{place}: {arm}"] = own
            norms.append(ARMS[arm]["norm"])
    axes = {"xlabel": "test error (%)", "xlim": (0, None)}
    return figures.forest(points, norms, record=record, **axes)
