"""The rules of "why it works", on made-up records and live ones."""

import math

import pytest
import torch
import torch.nn.functional as F
from made_up import made_up

from normlib.experiments import ensemble
from normlib.experiments import trial as find_trial
from normlib.experiments.batch_normalization import (
    explosion,
    landscape,
    noisy,
    steadiness,
)
from normlib.experiments.introduction.mean_field import moments
from normlib.ledger import decide


def noisy_record(steps, spread=0.0, shift=lambda noise: 0.5 + noise):
    """`steps(init, noise)` are BatchNorm's; the plain net needs 200."""

    def value(cell):
        plain = cell["norm"] == "none"
        sign = 1 if plain else -1
        jitter = 1 + sign * spread * (cell["seed"] % 3 - 1)
        count = 200 if plain else steps(cell["init"], cell["noise"])
        size = 0.3 if plain else shift(cell["noise"])
        return {
            "log10_shift": math.log10(size * jitter),
            "test_error": 3.0,
            "trained_at": count and count * jitter,
        }

    return made_up("batch_normalization.noisy", value)


def kept(init, noise):
    return 20 + 10 * noise


def lost(init, noise):
    return 180 if noise else 20


def by_init(init, noise):
    return (kept if init == "default" else lost)(init, noise)


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        (noisy_record(kept, 0.1), "does not hold"),
        (noisy_record(lost, 0.1), "holds"),
        # Strong noise stops a net; one weaker counterexample suffices.
        (noisy_record(lambda *arm: arm[1] < 0.3 and 20), "does not hold"),
        (noisy_record(by_init), "holds when"),
        (noisy_record(kept, 0.95), "open"),
        # Nothing to explain, or no noise that shifts more than without.
        (noisy_record(lambda init, noise: 200), "open"),
        (noisy_record(lost, shift=lambda noise: 0.1), "open"),
    ],
)
def test_less_shift_is_why(record, verdict):
    assert decide("bn.why-ics", record).verdict == verdict


def test_the_initialization_that_upholds_is_named():
    when = decide("bn.why-ics", noisy_record(by_init)).when
    assert when == "the initialization is scaled"


def landscape_record(ratio, noise=0.0):
    """`ratio(what, init, rate)` divides BatchNorm's shift."""
    one = find_trial("batch_normalization.landscape")
    config = one.config("cpu")
    rows = []
    for unit in one.units(config):
        plain = unit["norm"] == "none"
        for what in landscape.READINGS:
            for step in config["looks"]:
                for seed in range(8):
                    less = ratio(what, unit["init"], unit["rate"])
                    value = 0.0 if plain else -math.log10(less)
                    value += 0.01 * (seed % 3)
                    if not plain:
                        value += noise * (seed % 4 - 1.5)
                    row = {"step": step, "what": what, "far": 0.0}
                    rows.append(unit | row | {"seed": seed, "value": value})
    return one.record("cpu", config, rows, {"date": "2000-01-01"})


@pytest.mark.parametrize(
    ("ratio", "noise", "verdict"),
    [
        (lambda *arm: 3, 0.1, "holds"),
        (lambda *arm: 0.3, 0.1, "does not hold"),
        (
            lambda what, *arm: 3 if what == "moments" else 0.5,
            0,
            "holds when",
        ),
        (lambda *arm: 1.1, 0.5, "open"),
    ],
)
def test_shift_is_reduced(ratio, noise, verdict):
    record = landscape_record(ratio, noise)
    assert decide("intro.covariate-shift", record).verdict == verdict


def test_readings_and_places_are_named():
    record = landscape_record(
        lambda what, init, rate: (
            3 if (what, rate) == ("moments", 0.3) else 1
        )
    )
    when = decide("intro.covariate-shift", record).when
    assert when.endswith("mean and deviation (scaled start, own rates)")


def explosion_record(per_layer, noise=0.0):
    """`per_layer(skip, batch)` are the decades that a layer adds."""
    one = find_trial("batch_normalization.explosion")
    config = one.config("cpu")
    rows = []
    for unit in one.units(config):
        rate = 0.0
        if unit["norm"] == "batch":
            rate = per_layer(unit["skip"], unit["batch"])
        for seed in range(6):
            jitter = noise * (seed % 3 - 1)
            for layer in (1, unit["depth"]):
                grad = (rate + jitter) * (unit["depth"] - layer)
                row = {"layer": layer, "seed": seed, "log10_grad": grad}
                rows.append(unit | row)
    return one.record("cpu", config, rows, {"date": "2000-01-01"})


@pytest.mark.parametrize(
    ("per_layer", "noise", "verdict"),
    [
        (lambda skip, batch: 0.0, 0.01, "holds"),
        (lambda skip, batch: 0.5, 0.01, "does not hold"),
        (lambda skip, batch: 0.0 if skip else 0.1, 0.01, "holds when"),
        (lambda skip, batch: 0.0, 0.4, "open"),
    ],
)
def test_gradients_are_stable(per_layer, noise, verdict):
    record = explosion_record(per_layer, noise)
    assert decide("bn.gradient-stability", record).verdict == verdict


def test_the_depths_that_hold_are_named():
    record = explosion_record(lambda skip, batch: 0.0 if skip else 0.1)
    assert decide("bn.gradient-stability", record).when == (
        "the net has 10, 25 or 50 layers with skips "
        "or 10 or 25 layers without skips"
    )


@pytest.fixture
def net():
    return steadiness.make(
        norm="batch", noise=0.0, seeds=[3, 4], init="scaled", depth=3,
        width=6, dtype=torch.float64,
    )  # fmt: skip


@pytest.fixture
def batch():
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(2, 9, 64, generator=draw, dtype=torch.float64)
    return x, torch.randint(10, (2, 9), generator=draw)


@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_without_noise_it_is_the_ensembles_net(norm, batch):
    shape = {"init": "scaled", "depth": 3, "width": 6, "seeds": [3, 4]}
    ours = steadiness.make(norm, 0.0, dtype=torch.float64, **shape)
    plain = ensemble.make(
        norm=norm, act="relu", dtype=torch.float64, **shape
    )
    torch.testing.assert_close(ours(batch[0]), plain(batch[0]))
    # Evaluation takes the statistics of what it is given.
    for noise in (0.0, 0.5):
        ours.noise = noise
        got = ours(batch[0], training=False)
        torch.testing.assert_close(got, plain(batch[0]))


def test_noise_shifts_and_scales_whole_channels(net, batch):
    quiet = net.activations(batch[0], training=True)[0]
    net.noise = 0.5
    loud = [net.activations(batch[0], training=True)[0] for _ in range(2)]
    assert not torch.allclose(loud[0], loud[1])
    # y → eᵃ y + b: where both are positive, all samples lie on one line.
    for channel in range(6):
        x, y = quiet[0, :, channel], loud[0][0, :, channel]
        both = (x > 0) & (y > 0)
        if both.sum() >= 3:
            line = torch.stack([x[both], torch.ones_like(x[both])], 1)
            fit = line @ torch.linalg.lstsq(line, y[both, None]).solution
            torch.testing.assert_close(fit[:, 0], y[both])


def test_shift_by_hand():
    """One layer, two units: means 0, 1 → 3, 1; deviations 1, 2 → 1, 6."""
    before = [(torch.tensor([[0.0, 1.0]]), torch.tensor([[1.0, 2.0]]))]
    after = [(torch.tensor([[3.0, 1.0]]), torch.tensor([[1.0, 6.0]]))]
    got = 10 ** steadiness.shift(before, after)
    assert got.item() == pytest.approx(5 / math.sqrt(5))


def alone(net, parameters, e, x, y):
    """Return the loss of member e, written down once more."""
    count = len(net.W)
    W, b = parameters[:count], parameters[count : 2 * count]
    gamma = parameters[2 * count : 3 * count - 1]
    beta = parameters[3 * count - 1 :]
    h = x[e]
    for k in range(count - 1):
        z = h @ W[k][e] + b[k][e]
        z = F.batch_norm(
            z, None, None, gamma[k][e, 0], beta[k][e, 0], training=True
        )
        h = F.relu(z)
    return F.cross_entropy(h @ W[-1][e] + b[-1][e], y[e])


def test_gradients_and_walks_are_those_of_single_nets(net, batch):
    x, y = batch
    got = steadiness.gradients(net, net.parameters(), x, y)
    steps = steadiness.walk(net, x, y, [0.5], [0.1])
    far = dict((kind, cosine) for kind, _, cosine in steps)
    for e in range(2):
        here = [p.detach().requires_grad_() for p in net.parameters()]
        g = torch.autograd.grad(alone(net, here, e, x, y), here)
        for ours, theirs in zip(got, g, strict=True):
            torch.testing.assert_close(ours[e], theirs[e])
        flat = torch.cat([q[e].ravel() for q in g])
        size = torch.cat([p[e].ravel() for p in here]).norm()
        for kind, rate in (
            ("rate", 0.5),
            ("length", 0.1 * size / flat.norm()),
        ):
            there = [
                (p - rate * q).detach().requires_grad_()
                for p, q in zip(here, g, strict=True)
            ]
            new = torch.autograd.grad(alone(net, there, e, x, y), there)
            new = torch.cat([q[e].ravel() for q in new])
            want = F.cosine_similarity(flat, new, dim=0)
            torch.testing.assert_close(far[kind][e], want.detach())


def test_only_the_layers_below_take_their_step(net, batch):
    x, y = batch
    before = [p.detach() for p in net.parameters()]
    after = [p + 0.1 for p in before]
    got = steadiness.turned(net, before, after, x, y)
    for e in range(2):
        changes = []
        for layer in (1, 2, 3):
            mixed = list(before)
            for k in range(layer):  # W, b, γ and β of layers below
                for start in (0, 4, 8, 11):
                    mixed[start + k] = after[start + k]
            pair = []
            for parameters in (before, mixed):
                there = [p.detach().requires_grad_() for p in parameters]
                loss = alone(net, there, e, x, y)
                pair.append(torch.autograd.grad(loss, there[layer])[0][e])
            change = (pair[1] - pair[0]).norm() / pair[0].norm()
            changes.append(change.log10())
        torch.testing.assert_close(got[e], torch.stack(changes).mean())


def test_explosion_agrees_with_theory():
    """The rates of the mean field: π/(π−1), and (B−2)/(B−3) if linear."""
    record = explosion.trial.run("live", acts=["relu", "linear"],
                                 batches=[8, 128], seeds=1)  # fmt: skip
    _, slope, var = moments("relu")
    for act, batch, rate in (
        ("relu", 128, slope / var),
        ("linear", 8, 6 / 5),
    ):
        arm = {"act": act, "batch": batch, "norm": "batch", "skip": False}
        decades = explosion.growth(record, **arm)[0]
        assert 10 ** (decades / 19) == pytest.approx(rate**0.5, abs=0.03)
    assert explosion.growth(record, act="relu", batch=128, norm="batch",
                            skip=True)[0] < 1.5  # fmt: skip


def test_noise_shifts_the_inputs_of_a_live_run():
    record = noisy.trial.run("live", steps=30, rates=[0.1])
    loud = record.values("log10_shift", norm="batch", noise=0.2)
    quiet = record.values("log10_shift", norm="batch", noise=0.0)
    assert min(loud) > max(quiet) + 0.5
