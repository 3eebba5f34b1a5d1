"""The rules of the chapter on LayerNorm: all four verdicts can be had."""

import re
from functools import partial

import numpy as np
import pytest
import torch
from made_up import made_up, spread

from normlib import records
from normlib.experiments import trial as find_trial
from normlib.experiments.layer_norm import rnns
from normlib.experiments.layer_norm.equations import KINDS
from normlib.experiments.layer_norm.subjects import DTYPES, LAYERS, NETS
from normlib.experiments.nets import copying
from normlib.experiments.nets.ensemble import Ensemble
from normlib.experiments.nets.gated import GATES, Gated
from normlib.ledger import decide

VERDICTS = ("holds", "holds when", "does not hold", "open")
ROUND, BAD, BETWEEN = 1e-15, 0.9, 3e-9
WHAT = ("formula", "float32", "length, ε = 0", "length, ε = 0.5")
TWICE = [
    f"{name}, {dtype}{bits}"
    for name in (*LAYERS, *NETS, "with dropout")
    for dtype in DTYPES
    for bits in ("", ", bits")
]
FITS = {
    "formula": [f"{kind}: {what}" for kind in KINDS for what in WHAT],
    "batch": TWICE, "mode": TWICE,
}  # fmt: skip


def exact(**changed):
    """Eight seeds of all checks, all as the claims say, but `changed`."""
    values = {"null": ROUND, "planted": BAD} | changed
    rows = [
        {"check": check, "seed": seed, "quantity": name,
         "value": values.get(name, 0.0 if "bits" in name else ROUND)}
        for check, names in FITS.items()
        for name in [*names, "null", "planted"]
        for seed in range(8)
    ]  # fmt: skip
    trial = find_trial("layer_norm.exact")
    return trial.seal("cpu", trial.presets["cpu"], rows, {})


def every(names, value):
    return dict.fromkeys(names, value)


def test_all_four_verdicts_of_the_formula():
    made = (
        exact(), exact(**{"sentences: formula": BAD}),
        exact(**every([f"{k}: formula" for k in KINDS], BAD)),
        exact(**{"images: formula": BETWEEN}),
    )  # fmt: skip
    found = [decide("ln.formula", record) for record in made]
    assert tuple(d.verdict for d in found) == VERDICTS
    assert found[1].when == "samples are vectors and images"
    assert found[1].headline.endswith("in sentences a token.")


@pytest.mark.parametrize("claim", ["ln.batch-independent", "ln.same-eval"])
def test_all_four_verdicts_of_doing_it_twice(claim):
    bits = [f"{name}, float32, bits" for name in LAYERS]
    nets = [f"{name}, float64" for name in NETS]
    made = (
        exact(), exact(**every(nets, BAD)),
        exact(**every(nets, BAD), **every(bits, 64.0)),
        exact(**{bits[0]: 4.0}),
    )  # fmt: skip
    found = [decide(claim, record) for record in made]
    assert tuple(d.verdict for d in found) == VERDICTS
    assert found[1].when == "it is torch.nn and normlib"


def test_dropout_is_told_and_not_judged():
    loud = exact(**{"with dropout, float64": 1.0})
    found = decide("ln.same-eval", loud)
    assert found.verdict == "holds" and "call eval()" in found.headline
    assert "call eval()" not in decide("ln.same-eval", exact()).headline


@pytest.mark.parametrize(
    "claim", ["ln.formula", "ln.batch-independent", "ln.same-eval"]
)
@pytest.mark.parametrize("blind", [{"null": BAD}, {"planted": ROUND}])
def test_a_blind_trial_decides_nothing(claim, blind):
    found = decide(claim, exact(**blind))
    assert found.headline.startswith("Open: insensitive")


def raced(lead, noise=0.0, *, name="recurrent", **made):
    """LayerNorm's lead in steps, and in loss, is `lead(cell)`.

    `few` and `other` are of the controls.
    """

    def value(cell):
        arm = {"few units": made.get("few", 3.0),
               "other weights": made.get("other", 1.0)}  # fmt: skip
        far = abs(np.log10(cell["rate"] / 0.02)) / 4  # best in the middle
        log = far + np.log10(arm.get(cell["arm"], 1)) + spread(cell, noise)
        if cell["norm"] == "layer":
            log -= np.log10(lead(cell))
        steps = round(40 * 10**log)
        mates = 0.3 if cell["norm"] == "batch" else -6.0
        return {
            "trained_at": steps if steps < 200 else None,
            "val_loss": log - 0.5, "test_loss": log - 0.5,
            "test_error": 5.0, "longer_error": 30.0, "mates": mates,
            "front": -0.2,
        }  # fmt: skip

    return made_up(f"layer_norm.{name}", value)


def no_lead(cell):
    return 1.0


def test_all_four_verdicts_of_the_race():
    made = (
        raced(lambda cell: 4.0),
        raced(lambda cell: 4.0 if cell["cell"] == "GRU" else 1.0),
        raced(no_lead), raced(lambda cell: 2.0, noise=0.05),
    )  # fmt: skip
    found = [decide("ln.lstm", record) for record in made]
    assert tuple(d.verdict for d in found) == VERDICTS
    assert found[1].when == "it means GRUs"
    one = raced(lambda cell: 1.0 if cell["symbols"] == "5" else 4.0)
    assert decide("ln.lstm", one).verdict == "does not hold"


def test_the_headline_of_the_race_names_the_starts():
    uneven = raced(lambda cell: 1.8 if cell["start"] == "torch.nn" else 1.0)
    found = decide("ln.lstm", uneven)
    assert found.headline.endswith(
        "1.8–1.8 (torch.nn's start), 1.0–1.0 (a wide start)."
    )
    assert "Surely under 2: LSTM, 3 symbols, torch.nn" in found.because
    noisy = raced(lambda cell: 2.0, noise=0.05)
    assert "Surely under 2: none." in decide("ln.lstm", noisy).because


def test_all_four_verdicts_of_sequences():
    sequences = partial(raced, name="sequences")
    made = (
        sequences(lambda cell: 2.5, noise=0.03),
        sequences(lambda cell: 2.5 if cell["cell"] == "GRU" else 1.0),
        sequences(no_lead, noise=0.03),
        sequences(lambda cell: 1.5, noise=0.03),
    )  # fmt: skip
    found = [decide("ln.sequences", record) for record in made]
    assert tuple(d.verdict for d in found) == VERDICTS
    assert found[1].when == "it means GRUs"
    assert found[1].headline.endswith("over 1.5 times in GRUs only.")
    assert [e.arm for e in found[0].estimates] == ["LSTMs", "GRUs"]
    for decision, end in ((found[0], "low"), (found[2], "high")):
        (said,) = re.findall(r"at (?:least|most) (\S+) times",
                             decision.headline)  # fmt: skip
        ends = [10 ** getattr(e.interval, end) for e in decision.estimates]
        off = float(said) - (min if end == "low" else max)(ends)
        assert 0 <= (off if end == "high" else -off) < 0.1


@pytest.mark.parametrize(
    ("claim", "name"),
    [("ln.lstm", "recurrent"), ("ln.sequences", "sequences")],
)
@pytest.mark.parametrize("blind", [{"few": 1.0}, {"other": 4.0}])
def test_races_that_decide_nothing(claim, name, blind):
    found = decide(claim, raced(no_lead, name=name, **blind))
    assert found.headline.startswith("Open: insensitive")


def test_what_never_trains_counts_as_the_length_of_its_run():
    never = raced(lambda cell: 0.01)
    place = {"cell": "GRU", "start": "wide", "norm": "layer", "arm": "main"}
    for count, steps in rnns.STEPS.items():
        arm = rnns.taken(never, symbols=count, **place)
        assert arm.bounded
        assert arm.values.max() == pytest.approx(np.log10(steps))
    (ax,) = find_trial("layer_norm.recurrent").plot(never).axes
    arrows = [line for line in ax.lines if line.get_marker() == ">"]
    assert len(arrows) == 8  # an open end reaches the axis' end
    assert all(line.get_xdata()[0] == 520 for line in arrows)
    assert ax.get_xlim()[1] == 520


def test_the_readings_show_every_net():
    trial = find_trial("layer_norm.recurrent")
    (ax,) = trial.plot(raced(no_lead, noise=0.02)).axes
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert len(labels) == 16
    assert labels[1] == "LSTM, 3 symbols, torch.nn's start: LayerNorm"
    record = raced(no_lead, noise=0.02, name="sequences")
    rows = find_trial("layer_norm.sequences").table(record).cells()
    assert [row[-2] == "–" for row in rows] == 2 * [True, True, False]
    assert all(row[-1] != "–" for row in rows)


@pytest.mark.parametrize("name", ["recurrent", "sequences"])
def test_a_record_keeps_every_column(name, tmp_path):
    trial = find_trial(f"layer_norm.{name}")
    small = (
        {"symbols": ["3", "5"]} if name == "recurrent" else {"steps": 10}
    )
    small |= {"norm": ["none", "layer"], "looks": 5}
    units = trial.work(trial.config("live", **small))
    config = trial.config("live", **small, **{"seeds": 1})
    rows = [r for u in units for r in trial.rows(config, u, "cpu")]
    record = trial.seal("live", config, rows, {})
    kept = records.read(records.write(record, tmp_path))
    assert kept.rows == rows


def test_a_sequence_is_read_then_written_then_padded():
    g = torch.Generator().manual_seed(0)
    x, y = copying.draw(g, 50, 4, (2, 5))
    assert x.shape == y.shape == (50, 10)
    for tokens, targets in zip(x.tolist(), y.tolist(), strict=True):
        n = tokens.count(4)  # blanks
        assert 2 <= n <= 5 and all(t < 4 for t in tokens[:n])
        assert tokens[n : 2 * n] == [4] * n
        assert tokens[2 * n :] == [5] * (10 - 2 * n)
        assert targets[n : 2 * n] == tokens[:n]
        assert set(targets[:n] + targets[2 * n :]) == {-1}


@pytest.mark.parametrize("cell", GATES)
def test_without_a_norm_it_is_the_cell_of_pytorch(cell):
    H, A = 6, 4
    net = Gated(3, cell=cell, norm="none", hidden=H, symbols=A).double()
    theirs = getattr(torch.nn, cell)(A + 2, H, batch_first=True).double()
    place = [1, 0, 3, 2] if cell == "LSTM" else [1, 0, 2]

    def gates(w):  # ours f, i, o, g and z, r, n; theirs i, f, g, o and r, …
        parts = w.T.chunk(GATES[cell]) if w.ndim == 2 else w.chunk(
            GATES[cell]
        )  # fmt: skip
        return torch.cat([parts[p] for p in place])

    with torch.no_grad():
        theirs.weight_ih_l0.copy_(gates(net.W_x))
        theirs.weight_hh_l0.copy_(gates(net.W_h))
        theirs.bias_ih_l0.copy_(gates(net.b))
        theirs.bias_hh_l0.zero_()
    x = torch.randint(A + 2, (5, 7))
    h, _ = theirs(torch.nn.functional.one_hot(x, A + 2).double())
    assert torch.allclose(net(x), h @ net.W_y + net.b_y, atol=1e-12)


@pytest.mark.parametrize("norm", ["none", "layer", "batch"])
@pytest.mark.parametrize("cell", GATES)
def test_mates_move_batch_norm_alone_and_padding_in_front_all(cell, norm):
    options = {"gamma": 0.1, "kept": 12} if norm == "batch" else {}
    nets = Ensemble(
        lambda s: Gated(s, cell=cell, norm=norm, hidden=8, symbols=4,
                        **options), [1, 2],
    )  # fmt: skip
    draws = [torch.Generator().manual_seed(s) for s in (1, 2)]
    before = {k: v.clone() for k, v in nets.buffers.items()}
    found = copying.moved(nets, draws, "cpu", 4, (3, 6))
    mates = found["mates"]
    assert (mates > -3).all() if norm == "batch" else (mates <= -5.9).all()
    assert (found["front"] > -3).all()
    assert all((nets.buffers[k] == v).all() for k, v in before.items())


def test_adam_is_pytorchs_where_nothing_is_cut():
    def make(seed):
        return Gated(seed, cell="GRU", norm="layer", hidden=5, symbols=3)

    nets, one = Ensemble(make, [4]), make(4)
    update = copying.adam(nets, clip=1e9)
    theirs = torch.optim.Adam(one.parameters(), lr=0.01)
    draws = [torch.Generator().manual_seed(0)]
    for k in range(1, 4):
        x, y = copying.each(draws, "cpu", 8, 3, (2, 4))
        update(k, copying.losses(nets(x), y).sum(), torch.tensor([0.01]))
        theirs.zero_grad()
        copying.losses(one(x[0])[None], y).sum().backward()
        theirs.step()
    for name, p in one.named_parameters():
        assert torch.allclose(nets.parameters[name][0], p, atol=1e-5), name
