"""Is LayerNorm what its sentence says: a sample's own, in any mode?

Nothing is trained. Random samples go through LayerNorm and through nets
with it; what comes out is compared with the equation in NumPy, with the
same sample alone, and with the other mode. Beside them stand the same
thing done again, which may change nothing, and a mistake or BatchNorm,
which has to be off.

Scope: torch.nn, normlib and, for the formula, its NumPy; random samples, 3
to 19 numbers an axis or 32 to 248 features; one CPU, one thread. Whether
two bits agree depends on the machine.
"""

from matplotlib.figure import Figure

from ...records import Record
from ..arms import Extremes
from ..decisions import Decision, fits, settle
from ..deviations import (
    a_mistake,
    done_again,
    draw,
    names_of,
    off,
    rows_of,
)
from ..intervals import join
from ..protocol import Config, Pilot, Rows, Trial, Unit
from . import equations
from .subjects import DTYPES, LAYERS, NETS, batch, mode

AGREE = {"float64": 1e-9, "float32": 1e-5, "bfloat16": 0.05}  # rounding
CHECKS = {"formula": equations.formula, "batch": batch, "mode": mode}

trial = Trial(
    __name__, __doc__, source=("ba2016",), grid={"check": list(CHECKS)},
    config={"first_seed": 5000, "seeds": 20},
    live={"seeds": 2}, gpu={"seeds": 200},
    pilots=[Pilot(range(1000, 1008), (
        "sentences were off by 1, all else agreed; layers to the last bit"
    )), Pilot(range(2000, 2020), (
        "the record before, by the same rules and with the same verdicts; "
        "a headline had fifteen words"
    )), Pilot(range(3000, 3020), (
        "again, with the same verdicts; a function was renamed"
    )), Pilot(range(4000, 4020), (
        "once more, by the same rules and with the same verdicts"
    ))],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return one row a seed and quantity: the largest deviation."""
    return rows_of(CHECKS[unit["check"]], config, device)


trial.null(done_again)
trial.positive(a_mistake)


def rounding(record: Record, check: str, name: str) -> list[Extremes]:
    """Return how far off a layer or net is, format by format."""
    return [off(record, check, f"{name}, {d}", AGREE[d]) for d in DTYPES]


def bits(record: Record, check: str, name: str) -> list[Extremes]:
    """Return how many numbers differ in a bit, format by format."""
    return [off(record, check, f"{name}, {d}, bits", 1.0) for d in DTYPES]


def told(record: Record, check: str, *names: str) -> str:
    """Tell in how many seeds a bit differs, in the formats' order."""
    found = []
    for name in names:
        counts = [
            str(sum(v > 0 for v in seen.values))
            for seen in bits(record, check, name)
        ]
        found.append(f"{name} {join(counts)}")
    return "; ".join(found)


@trial.rule("ln.formula", check="formula")
def of_one_sample(record: Record, check: str) -> Decision:
    """LayerNorm in PyTorch's three examples, vectors (D), images (C, H, W)
    and sentences of tokens, where it is given a token's D: beside γ (x − μ)
    / √(var + ε) + β with mean and variance over all numbers of a sample.
    torch.nn, normlib and NumPy in float64, torch.nn in float32; and without
    γ and β a sample's length is √D when ε = 0, and √(D var / (var + ε))
    when ε = 0.5. A kind fits when all are within 1e-9 (float32: 1e-5) for
    every seed, and is refuted when one is off by ten times that for every
    seed. All fit: holds. Some, and the rest is refuted: holds when. None:
    does not hold. Else open.
    """
    arms = {
        kind: [
            off(record, check, f"{kind}: formula"),
            off(record, check, f"{kind}: float32", AGREE["float32"]),
            off(record, check, f"{kind}: length, ε = 0"),
            off(record, check, f"{kind}: length, ε = 0.5"),
        ]
        for kind in equations.KINDS
    }
    return settle(
        arms, fits, 1.0, when="samples are {arms}",
        because="Formula, float32, length at ε = 0 and at ε = 0.5, off by, "
        "in units of 1e-9 (float32: 1e-5): {arms}.",
        says={
            "holds": "One mean and variance a sample, whatever the sample "
            "is.",
            "holds when": "One mean and variance a sample in {clear}; in "
            "{refuted} a token.",
            "does not hold": "Its statistics are not one sample's.",
        },
    )  # fmt: skip


@trial.rule("ln.batch-independent", check="batch")
def alone_or_not(record: Record, check: str) -> Decision:
    """One sample alone beside the same in a batch of 64, of which the
    others are a thousand times as large and one is NaN. In float64, float32
    and bfloat16. Layers, torch.nn's and normlib's: not one bit differs.
    Nets with LayerNorm, an MLP and Transformer layers of both placements:
    they agree within 1e-9, 1e-5 and 0.05, over 1 + |y|. An arm fits when
    that is so for every seed, and is refuted when it is off by ten times
    as much for every seed. All fit: holds. Some, and the rest is refuted:
    holds when. None: does not hold. Else open.
    """
    differ = off(record, check, "MLP, float64, bits", 1.0).interval()
    rest = ", matrix products round" * (differ.low > 0)
    return same(record, check, {
        "holds": f"Serve any batch size: LayerNorm changes no bit{rest}.",
        "holds when": "The batch does not matter to {clear}; to {refuted} "
        "it does.",
        "does not hold": "The batch changes what comes out.",
    })  # fmt: skip


@trial.rule("ln.same-eval", check="mode")
def either_mode(record: Record, check: str) -> Decision:
    """The same batch in training mode, after another one, and in evaluation
    without gradients, where PyTorch's Transformers take a fused route. In
    float64, float32 and bfloat16. Layers, torch.nn's and normlib's: not one
    bit differs. Nets with LayerNorm and no dropout, an MLP and Transformer
    layers of both placements: they agree within 1e-9, 1e-5 and 0.05, over 1
    + |y|. An arm fits when that is so for every seed, and is refuted when
    it is off by ten times as much for every seed. All fit: holds. Some, and
    the rest is refuted: holds when. None: does not hold. Else open.
    """
    found = off(record, check, "with dropout, float64", 1.0).interval()
    needed = " Dropout has: call eval()." * (found.low > 0.01)
    more = f" A Transformer with PyTorch's dropout, off by: {found}."
    return same(record, check, {
        "holds": f"LayerNorm has no modes: eval matches training.{needed}",
        "holds when": "Training and evaluation agree in {clear}, not in "
        "{refuted}.",
        "does not hold": "Training and evaluation differ.",
    }, more)  # fmt: skip


def same(
    record: Record, check: str, says: dict[str, str], more: str = ""
) -> Decision:
    """Decide whether layers and nets do the same, twice."""
    arms = {name: bits(record, check, name) for name in LAYERS}
    arms |= {name: rounding(record, check, name) for name in NETS}
    seen = len(record.distinct("seed"))
    return settle(
        arms, fits, 1.0, when="it is {arms}",
        because="In float64, float32 and bfloat16, layers by numbers that "
        "differ, nets in units of rounding: {arms}. Seeds in which nets "
        f"differ in some bit, of {seen}, not judged: "
        f"{told(record, check, *NETS)}.{more}",
        says=says,
    )  # fmt: skip


@trial.reading
def plot(record: Record) -> Figure:
    """Draw every quantity, float32 where it was done twice.

    What must fit is filled, mistakes are open.
    """
    names = {
        (check, name): label if ":" in name or name == "planted"
        else f"{check}: {name.partition(',')[0]}"
        for (check, name), label in names_of(record).items()
        if name == "planted" or check == "formula"
        or (name.endswith(", float32") and "planted" not in name)
    }  # fmt: skip
    return draw(record, "layer", names)
