"""Is BatchNorm a problem in recurrent nets, and what mends it?

An LSTM reads a digit half row by half row. Its sums are normalized as in
Cooijmans et al.: W_x x, W_h h and the cell. BatchNorm starts with their
γ = 0.1 and shares its running statistics among all steps, or keeps some
for each. Sequences have 16 steps, or, with digits stretched or squeezed,
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

MARGIN = 3.0  # points of test error: half of LayerNorm's

trial = Trial(
    __name__, __doc__, source=("cooijmans2017",),
    grid={"lengths": list(ROWS), "arm": [*ARMS, *CONTROLS]},
    keep=lambda u: u["arm"] not in CONTROLS or u["lengths"] == "mixed",
    config={
        "rates": [0.01, 0.03, 0.1, 0.3, 1.0], "hidden": 24, "batch": 48,
        "steps": 400, "first_seed": 1000, "seeds": 12,
    },
    live={"lengths": ["one"], "arm": ["LayerNorm"], "rates": [0.1],
          "steps": 50, "seeds": 2},
    gpu={"hidden": 100, "steps": 2000, "seeds": 30},
    pilots=[Pilot(
        range(900, 912),
        "Four to twelve seeds an arm. Errors at one length, mixed ones and "
        "24 steps: no norm 5, 5, 6; LayerNorm 6, 7, 7; BatchNorm shared "
        "32, 47, 46, by step 5, 7, 23; with γ = 1 35, 56, 55 and 4, 8, 23. "
        "LayerNorm had 17 at 28 steps, so 24 was taken; 2 points could not "
        "be told with the seeds that fit, so 3. Best rates 0.03 to 0.3.",
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
    if all three, one length, mixed lengths and longer tests, lie above,
    and none if one lies below; statistics by step are judged in each of
    these. 95 % intervals, Bonferroni over the six, the choice of the rate
    inside. All four a problem: holds. Some, and the others none: holds
    when. All none: does not hold. Otherwise open.
    """
    arms = {"shared statistics": [
        excess(record, "BN, shared", place) for place in READ
    ]}  # fmt: skip
    arms |= {place: excess(record, "BN, by step", place) for place in READ}
    judged = [*arms["shared statistics"], *(arms[place] for place in READ)]
    worst = max(contrast.interval().mean for contrast in judged)
    plain = [excess(record, "no norm", p).interval(3) for p in READ]
    won = "; plain ones won" * all(i.high < 0 for i in plain)
    return settle(
        arms, above, MARGIN, when="it has {arms}", last="or",
        because="Test error minus LayerNorm's, in points: {arms}. (Shared "
        "at the three in turn, then by step.) No norm, not judged: "
        f"{join(plain)}.",
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
