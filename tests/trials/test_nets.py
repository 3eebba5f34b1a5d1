"""An ensemble is its members; nets, written down once more, agree."""

from functools import partial
from itertools import product

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from normlib.data import digits, glyphs, relabel
from normlib.experiments.nets import folded, probes, training
from normlib.experiments.nets.averages import forgetful
from normlib.experiments.nets.convnet import ConvNet
from normlib.experiments.nets.dense import DenseNet, shrink_branches
from normlib.experiments.nets.ensemble import Ensemble
from normlib.experiments.nets.evalnorm import EvalNorm2d, eval_error
from normlib.experiments.nets.ghost import GhostBatchNorm
from normlib.experiments.nets.lstm import LSTM, PIXELS
from normlib.experiments.nets.mlp import MLP
from normlib.experiments.nets.noise import generators, noisy, redraw
from normlib.experiments.nets.patches import HIDDEN, PatchNet
from normlib.experiments.nets.renorm import BatchRenorm2d, widen
from normlib.experiments.nets.sets import SetBatchNorm
from normlib.experiments.nets.stretched import (
    halved,
    lengths,
    mean_error,
    stretched,
)

SEEDS = [3, 4]


def draw(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def state_of(nets, e):
    """Return the state of member e, as one net has it."""
    stacked = {**nets.parameters, **nets.buffers}
    return {name: value[e] for name, value in stacked.items()}


MAKERS = {
    **{
        f"mlp {norm}": partial(MLP, norm=norm, depth=3, width=8, skip=True)
        for norm in ("none", "batch", "layer", "rms", "group")
    },
    **{
        f"cnn {norm}": partial(PatchNet, side=2, norm=norm)
        for norm in ("none", "batch", "layer", "rms", "group")
    },
    "ghost": partial(PatchNet, side=1, norm=partial(GhostBatchNorm, n=3)),
    "lstm": partial(LSTM, norm="batch", hidden=4, kept=16),
}
CONV = partial(ConvNet, side=16, width=4, skip=True)
DENSE = partial(DenseNet, pixels=256, width=8, blocks=2)
CONVS = {
    **{
        f"residual {norm}": partial(CONV, norm=norm)
        for norm in ("none", "batch", "group", "instance")
    },
    "plain rms": partial(CONV, norm="rms", skip=False),
    "residual ghost": partial(CONV, norm=partial(GhostBatchNorm, n=3)),
    **{
        f"dense {norm}": partial(DENSE, norm=norm)
        for norm in ("none", "batch", "layer", "rms", "group")
    },
}


@pytest.mark.parametrize("name", [*MAKERS, *CONVS])
def test_an_ensemble_trains_as_single_nets_do(name):
    """Weights, running statistics and logits after three steps.

    Two members have one seed, and share its data.
    """
    make, source = (MAKERS | CONVS)[name], digits
    if name in CONVS:
        source = partial(glyphs, n=40, val=10, test=20, side=16)
    members, rates = [3, 4, 3], [0.1, 0.02, 0.01]
    data = training.splits(members, source=source)
    nets = Ensemble(make, members)
    training.train(nets, data, {"steps": 3, "batch": 6}, rates=rates)
    for e, (seed, rate) in enumerate(zip(members, rates, strict=True)):
        own, net = source(seed), make(seed)
        optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.9)
        g = torch.Generator().manual_seed(10_000 + seed)
        for _ in range(3):
            pick = torch.randint(len(own.train_y), (6,), generator=g)
            optimizer.zero_grad()
            logits = net(own.train_x[pick])
            F.cross_entropy(logits, own.train_y[pick]).backward()
            optimizer.step()
        # float32, summed in another order, three steps on.
        close = {"rtol": 1e-4, "atol": 1e-4}
        torch.testing.assert_close(state_of(nets, e), net.state_dict(),
                                   **close)  # fmt: skip
        torch.testing.assert_close(
            training.predict(nets, data.test_x[:, :9])[e],
            net.eval()(own.test_x[:9]), **close,
        )  # fmt: skip


@pytest.mark.parametrize("batch", [0, 4])
def test_the_error_is_that_of_all_pieces(batch, monkeypatch):
    make = partial(ConvNet, side=16, width=4, norm="batch", blocks=1)
    source = partial(glyphs, n=40, val=10, test=30, side=16)
    data = training.splits([1, 2], source=source)
    nets = Ensemble(make, [1, 2, 1])
    whole = training.error(nets, data.test_x, data.test_y, batch=batch)
    wrong = training.predict(nets, data.test_x, batch=batch).argmax(-1)
    wrong = wrong != data.test_y[[0, 1, 0]]
    torch.testing.assert_close(whole, wrong.float().mean(1) * 100)
    seen = []
    call = Ensemble.__call__

    def look(nets, x, **options):
        seen.append(x.shape[1])
        return call(nets, x, **options)

    monkeypatch.setattr(Ensemble, "__call__", look)
    monkeypatch.setattr(training, "PIECE", 10 * 256)
    again = training.error(nets, data.test_x, data.test_y, batch=batch)
    torch.testing.assert_close(again, whole)
    assert seen == ([4] * 7 + [2] if batch else [10, 10, 10])


def test_a_diverged_member_counts_as_chance_or_more():
    make = partial(ConvNet, side=16, width=4, norm="none")
    nets = Ensemble(make, [0])
    next(iter(nets.parameters.values())).data.fill_(torch.nan)
    data = training.splits([0], source=partial(glyphs, n=1, val=1, test=4))
    error = training.error(nets, data.test_x, data.test_y).item()
    assert error == pytest.approx(100 * 61 / 62)


def test_a_sweep_takes_other_data():
    """Each member of a seed is given that seed's images."""
    config = {"rates": [0.1, 0.2], "seeds": 2, "first_seed": 5}
    config |= {"steps": 1, "batch": 4}
    make = partial(ConvNet, side=16, width=4, norm="group")
    source = partial(glyphs, n=20, val=10, test=20, side=16)
    rows = training.sweep(config, make, "cpu", source=source)
    assert [(r["rate"], r["seed"]) for r in rows] == [
        (0.1, 5), (0.1, 6), (0.2, 5), (0.2, 6)
    ]  # fmt: skip
    for row in rows:
        nets = Ensemble(make, [row["seed"]])
        data = training.splits([row["seed"]], source=source)
        training.train(nets, data, config, rates=[row["rate"]])
        error = training.error(nets, data.test_x, data.test_y)
        assert row["test_error"] == pytest.approx(error.item())


THEIRS = {
    "none": lambda C, side: nn.Identity(),
    "batch": lambda C, side: nn.BatchNorm2d(C),
    "layer": lambda C, side: nn.GroupNorm(1, C),
    "group": lambda C, side: nn.GroupNorm(4, C),
    "instance": lambda C, side: nn.InstanceNorm2d(C, affine=True),
    "rms": lambda C, side: nn.RMSNorm((C, side, side), eps=1e-5),
}


@pytest.mark.parametrize("norm", THEIRS)
@pytest.mark.parametrize("skip", [False, True])
def test_a_convnet_by_hand(norm, skip):
    """Two blocks a stage: channels 4, 8, 16 at 8×8, 4×4, 2×2."""
    net = ConvNet(1, norm=norm, side=16, width=4, blocks=2, skip=skip)
    assert len(net.conv) + 1 == 2 + 6 * 2  # layers, as He et al. count
    biased = [conv.bias is not None for conv in net.conv]
    assert biased == [norm in ("none", "rms")] * 13
    shapes = [(4, 8)] * 5 + [(8, 4)] * 4 + [(16, 2)] * 4
    strides = [2, 1, 1, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1]
    x = draw(5, 1, 16, 16)

    def layer(k, h):
        conv = net.conv[k]
        z = F.conv2d(h, conv.weight, conv.bias, strides[k], padding=1)
        return THEIRS[norm](*shapes[k])(z)

    h = F.relu(layer(0, x))
    for k in range(1, 13, 2):
        new = layer(k + 1, F.relu(layer(k, h)))
        if skip:
            new[:, : h.shape[1]] += h[:, :, :: strides[k], :: strides[k]]
        h = F.relu(new)
    want = h.mean((2, 3)) @ net.output.weight.T
    torch.testing.assert_close(net(x), want)
    assert want.shape == (5, 62)


def test_a_convnet_starts_as_he_et_al_say():
    net = ConvNet(0, norm="none", side=32, width=32, blocks=2)
    for conv in net.conv[1:]:
        scale = (2 / conv.weight[0].numel()) ** 0.5
        assert conv.weight.std().item() == pytest.approx(scale, rel=0.05)
        assert not conv.bias.any()


def test_nets_that_differ_in_the_norm_start_from_the_same_weights():
    for make in (
        partial(MLP, depth=2, width=8),
        partial(PatchNet, side=4),
        partial(LSTM, hidden=4),
        partial(ConvNet, side=16, width=4, skip=True),
    ):
        a, b = (make(1, norm=n).state_dict() for n in ("none", "batch"))
        shared = [k for k in a if k in b and "bias" not in k]
        assert len(shared) >= 3
        assert all(torch.equal(a[k], b[k]) for k in shared)


def test_a_diverged_member_disturbs_no_other():
    make = partial(MLP, norm="none", depth=2, width=6)
    config = {"steps": 5, "batch": 8}
    both, alone = Ensemble(make, [1, 2]), Ensemble(make, [2])
    data = training.splits([1, 2])
    training.train(both, data, config, rates=[1e30, 0.01])
    training.train(alone, training.splits([2]), config, rates=[0.01])
    for name, p in both.parameters.items():
        torch.testing.assert_close(p[1], alone.parameters[name][0])
    assert training.error(both, data.test_x, data.test_y)[0] == 90


def test_predicting_with_the_batch_remembers_nothing():
    nets = Ensemble(partial(MLP, norm="batch", depth=2, width=5), [0])
    x = draw(1, 8, 64)
    parts = [nets(x[:, :4]), nets(x[:, 4:])]  # as in training
    before = {k: v.clone() for k, v in nets.buffers.items()}
    logits = training.predict(nets, x, batch=4)
    torch.testing.assert_close(logits, torch.cat(parts, 1))
    assert all(torch.equal(v, before[k]) for k, v in nets.buffers.items())


def test_precise_statistics_are_those_of_all_images():
    """However BatchNorm saw them in training."""
    data = training.splits([0])
    ghost = partial(GhostBatchNorm, n=4)
    for norm in ("batch", ghost, partial(ghost, norm=BatchRenorm2d)):
        nets = Ensemble(partial(PatchNet, side=1, norm=norm), [0])
        training.precise_error(nets, data)
        z = nets.form.conv[0](data.train_x[0].view(-1, 1, 8, 8))
        name = "norm.0." + "norm." * (norm != "batch") + "running_mean"
        want = z.mean((0, 2, 3)).detach()
        torch.testing.assert_close(nets.buffers[name][0], want)


def test_precise_statistics_of_many_images_are_means_over_pieces(
    monkeypatch,
):
    data = training.splits([0])
    nets = Ensemble(partial(PatchNet, side=1, norm="batch"), [0, 0])
    monkeypatch.setattr(training, "PIECE", 300 * 64)
    training.precise_error(nets, data)
    z = nets.form.conv[0](data.train_x[0].view(-1, 1, 8, 8))[..., 0, 0]
    parts = z.detach().view(4, 300, -1)
    for e in range(2):
        for name, want in (
            ("mean", parts.mean((0, 1))),
            ("var", parts.var(1).mean(0)),
        ):
            got = nets.buffers[f"norm.0.running_{name}"][e]
            torch.testing.assert_close(got, want)


@pytest.mark.parametrize("norm", ["none", "batch", "layer", "rms"])
def test_an_mlp_by_hand(norm):
    net = MLP(1, norm=norm, depth=2, width=6, init="default")
    norms = {
        "none": nn.Identity, "batch": lambda: nn.BatchNorm1d(6),
        "layer": lambda: nn.LayerNorm(6),
        "rms": lambda: nn.RMSNorm(6, eps=1e-5),
    }  # fmt: skip
    theirs = [norms[norm]() for _ in range(2)]
    h = x = draw(9, 64)
    for linear, own in zip(net.linear, theirs, strict=True):
        h = F.relu(own(h @ linear.weight.T + linear.bias))
    want = h @ net.output.weight.T + net.output.bias
    torch.testing.assert_close(net(x), want)


@pytest.mark.parametrize("side", [1, 2, 4])
@pytest.mark.parametrize("training", [True, False])
def test_a_ghost_batch_is_torchs_batch_norm_group_by_group(side, training):
    norm = partial(GhostBatchNorm, n=3)
    net = PatchNet(0, side=side, norm=norm).train(training)
    norms = [nn.BatchNorm2d(HIDDEN[side]).train(training) for _ in "ab"]
    x, want = draw(6, 64, seed=1), []
    for part in x.view(2, 3, 1, 8, 8):
        for conv, own in zip(net.conv, norms, strict=True):
            part = F.relu(own(conv(part)))
        want.append(net.output(part.flatten(1)))
    torch.testing.assert_close(net(x), torch.cat(want))
    for ours, own in zip(net.norm, norms, strict=True):
        torch.testing.assert_close(ours.norm.state_dict(), own.state_dict())


@pytest.mark.parametrize("n", [2, 3])
def test_evalnorm_expects_what_training_would_have_met(n):
    """All sets of n out of four images, by hand: given the first one."""
    images = 3 + 2 * draw(4, 1, 2, 3).double()
    sets = {
        chosen: images[list(chosen)]
        for chosen in product(range(4), repeat=n)
    }
    var = {k: v.var(correction=0) for k, v in sets.items()}
    m, eps = n * 6, 1e-12
    norm = EvalNorm2d(1, eps=eps).double().eval()
    norm.running_mean[:] = images.mean()
    norm.running_var[:] = torch.stack([*var.values()]).mean() * m / (m - 1)
    plain = nn.BatchNorm2d(1, eps=eps).double().eval()
    plain.load_state_dict(norm.state_dict())
    torch.testing.assert_close(norm(images), plain(images))
    norm.among = n
    for i in range(4):
        mine = [k for k in sets if k[0] == i]
        mean = torch.stack([sets[k].mean() for k in mine]).mean()
        spread = torch.stack([var[k] for k in mine]).mean()
        torch.testing.assert_close(
            norm(images[i : i + 1])[0], (images[i] - mean) / spread.sqrt()
        )
    x = draw(3, 1, 2, 3).double()
    torch.testing.assert_close(norm.train()(x), plain.train()(x))


def test_evalnorm_takes_n_from_the_sets_and_forgets_it():
    data = training.splits([0])
    sets = partial(SetBatchNorm, n=2, k=1, norm=EvalNorm2d)
    nets = Ensemble(partial(PatchNet, side=1, norm=sets), [0])
    training.precise_error(nets, data)
    plain = training.error(nets, data.test_x, data.test_y)
    found = eval_error(nets, data)
    with nets.options(among=2):
        want = training.error(nets, data.test_x, data.test_y)
    assert found == want != plain
    assert training.error(nets, data.test_x, data.test_y) == plain


def test_renorm_without_bounds_is_evaluation():
    x, plain = draw(8, 3, 2, 2), nn.BatchNorm2d(3)
    norm = BatchRenorm2d(3)
    torch.testing.assert_close(norm(x), plain(x))  # bound 0: r = 1, d = 0
    torch.testing.assert_close(norm.running_var, plain.running_var)
    norm.bound = 1.0
    y = norm(x)
    norm.load_state_dict(plain.state_dict())
    torch.testing.assert_close(y, norm.eval()(x), rtol=0.2, atol=0.2)
    nets = Ensemble(partial(PatchNet, side=1, norm=BatchRenorm2d), [0])
    bounds = []
    for step in (0, 10, 30, 50, 100):
        widen(100, step, nets, None)
        bounds.append(nets.form.norm[0].bound)
    assert bounds == pytest.approx([0, 0, 0.5, 1, 1])


def test_an_lstm_without_a_norm_is_torchs():
    H, net = 5, LSTM(0, norm="none", hidden=5)
    lstm = nn.LSTM(PIXELS, H, batch_first=True)

    def gates(W):
        return torch.cat([W.chunk(4, -1)[k] for k in (0, 1, 3, 2)], -1)

    with torch.no_grad():
        lstm.weight_ih_l0.copy_(gates(net.W_x).T)
        lstm.weight_hh_l0.copy_(gates(net.W_h).T)
        lstm.bias_ih_l0.copy_(gates(net.b))
        lstm.bias_hh_l0.zero_()
    x = draw(3, 64, seed=1)
    h = lstm(x.view(3, 16, PIXELS))[0][:, -1]
    torch.testing.assert_close(net(x), h @ net.W_y + net.b_y)


@pytest.mark.parametrize(
    ("kept", "counts"),
    [
        (1, [16]),
        (16, [1] * 16),
        (4, [1, 1, 1, 13]),
        (20, [1] * 16 + [0] * 4),
    ],
)
def test_an_lstm_keeps_statistics_by_step_or_shared(kept, counts):
    net = LSTM(0, norm="batch", hidden=5, kept=kept)
    net(draw(6, 64, seed=1))
    seen = [int(n.num_batches_tracked) for n in net.norm_x.norms]
    assert seen == counts


def test_digits_are_stretched_and_squeezed():
    """Rows change linearly, so any number of them lies on the lines."""
    x = torch.arange(8.0).repeat_interleave(8)[None]
    for rows in (6, 8, 12):
        found = stretched(x, rows).view(rows, 8)
        line = torch.linspace(0, 7, rows)[:, None].expand(-1, 8)
        torch.testing.assert_close(found, line)
    net, x = LSTM(0, norm="batch", hidden=5, kept=20), draw(6, 64)
    net.rows = 10
    net(x)
    seen = [int(n.num_batches_tracked) for n in net.norm_x.norms]
    assert seen == [1] * 20


def test_lengths_change_in_training_and_end_at_eight_rows():
    nets = Ensemble(partial(LSTM, norm="layer", hidden=4), [3])
    data, seen = training.splits([3]), []
    watch = lengths((6, 10), 20)

    def look(step, nets, data):
        watch(step, nets, data)
        seen.append(nets.form.rows)

    config = {"steps": 20, "batch": 4}
    training.train(nets, data, config, rates=[0.1], every=20, watch=look)
    assert set(seen[:-1]) == {6, 10} and seen[-1] == 8
    assert mean_error(nets, data, (8,)) == training.error(
        nets, data.test_x, data.test_y
    )
    half = halved(data, [3])
    assert (half.test_x[..., 32:] == data.test_x.min()).all()
    assert torch.equal(half.val_x[..., :32], data.val_x[..., :32])


def test_noise_shifts_and_scales_whole_channels():
    make = partial(MLP, norm=partial(noisy, "batch"), depth=1, width=6)
    nets, x = Ensemble(make, SEEDS), draw(2, 9, 64)
    quiet = nets(x, every=True)[1][0]
    redraw(nets, 0.5, generators(SEEDS))
    loud = nets(x, every=True)[1][0]
    # y → eᵃ y + b: where both are positive, all samples lie on one line.
    lines = 0
    for e, channel in ((e, c) for e in range(2) for c in range(6)):
        a, b = quiet[e, :, channel], loud[e, :, channel]
        both = (a > 0) & (b > 0)
        if both.sum() >= 3:
            line = torch.stack([a[both], torch.ones_like(a[both])], 1)
            fit = line @ torch.linalg.lstsq(line, b[both, None]).solution
            torch.testing.assert_close(fit[:, 0], b[both])
            lines += not torch.allclose(a, b)
    assert lines >= 6
    torch.testing.assert_close(  # evaluation is quiet, and of its batch
        nets(x, every=True, training=False)[1][0], quiet
    )


@pytest.mark.parametrize("each", [0.0, 0.2])
def test_a_seeds_noise_depends_on_no_other_seed(each):
    norm = partial(noisy, "batch", rows=4)
    make = partial(MLP, norm=norm, depth=2, width=6)
    few, many = [4], [3, 4, 3, 4]
    drawn = []
    for seeds in (few, many):
        nets, draws = Ensemble(make, seeds), generators(seeds)
        for _ in range(2):
            redraw(nets, 0.5, draws, each=each)
        drawn.append(nets.buffers["norm.1.1.a"])
    alone, (_, own, _, twin) = drawn[0][0], drawn[1]
    assert torch.equal(alone, own) and torch.equal(own, twin)
    assert (own.std(0) == 0).all() == (each == 0)


def test_each_sample_has_noise_of_its_own():
    make = partial(
        MLP, norm=partial(noisy, "none", rows=3), depth=1, width=6
    )
    nets, x = Ensemble(make, [0]), draw(1, 6, 64)
    b = nets.buffers["norm.0.1.b"]
    b.copy_(torch.tensor([100.0, 200, 300]).view(1, 3, 1).expand_as(b))
    level = nets(x, every=True)[1][0][0].mean(1)
    want = torch.tensor([100.0, 200, 300, 100, 200, 300])
    torch.testing.assert_close(level, want, atol=20, rtol=0)


def test_averages_are_forgotten_for_a_while():
    nets = Ensemble(partial(MLP, norm="batch", depth=1, width=6), SEEDS)
    nets(draw(2, 9, 64))
    before = {k: b.clone() for k, b in nets.buffers.items()}
    with forgetful(nets):
        assert (nets.buffers["norm.0.running_mean"] == 0).all()
        assert (nets.buffers["norm.0.running_var"] == 1).all()
    for name, b in before.items():
        assert torch.equal(nets.buffers[name], b)


def test_shift_by_hand():
    """Two units: means 0, 1 → 3, 1; deviations 1, 2 → 1, 6."""
    before = [(torch.tensor([[0.0, 1.0]]), torch.tensor([[1.0, 2.0]]))]
    after = [(torch.tensor([[3.0, 1.0]]), torch.tensor([[1.0, 6.0]]))]
    got = 10 ** probes.shift(before, after)
    assert got.item() == pytest.approx(5 / 5**0.5)


@pytest.fixture
def looked_at():
    make = partial(MLP, norm="batch", depth=3, width=6)
    g = torch.Generator().manual_seed(1)
    nets, y = Ensemble(make, SEEDS), torch.randint(10, (2, 9), generator=g)
    here = {k: p.detach() for k, p in nets.parameters.items()}
    return nets, here, draw(2, 9, 64), y


def alone(nets, parameters, e, x, y):
    """Return the gradients of member e by a net of its own."""
    net = MLP(0, norm="batch", depth=3, width=6)
    state = {k: v[e] for k, v in {**nets.buffers, **parameters}.items()}
    net.load_state_dict(state)
    loss = F.cross_entropy(net(x[e]), y[e])
    grads = torch.autograd.grad(loss, list(net.parameters()))
    return dict(zip(dict(net.named_parameters()), grads, strict=True))


def test_walks_are_those_of_single_nets(looked_at):
    nets, here, x, y = looked_at
    steps = probes.walk(nets, x, y, [0.5], [0.1])
    far = {kind: cosine for kind, _, cosine in steps}
    for e in range(2):
        g = alone(nets, here, e, x, y)
        flat = torch.cat([v.ravel() for v in g.values()])
        size = torch.cat([p[e].ravel() for p in here.values()]).norm()
        rates = {"rate": 0.5, "length": 0.1 * size / flat.norm()}
        for kind, rate in rates.items():
            there = {k: p.clone() for k, p in here.items()}
            for name in there:
                there[name][e] -= rate * g[name]
            new = alone(nets, there, e, x, y)
            new = torch.cat([v.ravel() for v in new.values()])
            want = F.cosine_similarity(flat, new, dim=0)
            torch.testing.assert_close(far[kind][e], want)


def test_only_the_layers_below_take_their_step(looked_at):
    nets, before, x, y = looked_at
    after = {k: p + 0.1 for k, p in before.items()}
    got = probes.turned(nets, before, after, x, y)
    names = ("linear.1.weight", "linear.2.weight", "output.weight")
    for e in range(2):
        changes = []
        for layer, weights in enumerate(names, 1):
            mixed = dict(before)
            for k in range(layer):
                for name in ("linear", "norm"):
                    for part in ("weight", "bias"):
                        key = f"{name}.{k}.{part}"
                        mixed[key] = after[key]
            old, new = (
                alone(nets, p, e, x, y)[weights] for p in (before, mixed)
            )
            change = (new - old).norm()
            changes.append(torch.stack([change / old.norm(), change]))
        want = torch.stack(changes).log10().mean(0)
        torch.testing.assert_close(torch.stack(got)[:, e], want)


@pytest.mark.parametrize("bias", [True, False])
def test_folding_agrees_with_torchs(bias):
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    net = folded.stack(1, kind="depthwise", channels=64, blocks=1)
    norm = net[1].double()
    conv = nn.Conv2d(64, 64, 3, groups=64, bias=bias).double().eval()
    ours, theirs = folded.fold(conv, norm), fuse_conv_bn_eval(conv, norm)
    torch.testing.assert_close(ours.weight, theirs.weight)
    torch.testing.assert_close(ours.bias, theirs.bias)
    x = draw(2, 64, 5, 5).double()
    torch.testing.assert_close(ours(x), norm(conv(x)))


def test_labels_are_drawn_anew_for_a_share():
    data = training.splits(SEEDS)
    noisy = relabel(data, SEEDS, 0.4)
    changed = (noisy.train_y != data.train_y).double().mean()
    assert 0.32 < changed < 0.40  # one in ten draws its own label
    assert torch.equal(noisy.test_y, data.test_y)
    assert relabel(data, SEEDS, 0.0) is data
    all_drawn = relabel(data, SEEDS, 1.0, 62).train_y
    assert set(all_drawn.flatten().tolist()) == {*range(62)}


@pytest.mark.parametrize("norm", ["none", "batch", "rms", "group"])
def test_a_dense_net_is_its_formula(norm):
    net, x = DENSE(5, norm=norm).double(), draw(7, 1, 16, 16).double()
    assert (net.linear[0].bias is None) == (norm not in ("none", "rms"))

    def layer(k, h):
        return net.norm[k](net.linear[k](h))

    h = layer(0, x.reshape(7, 256)).clamp(min=0)
    for k in (1, 3):
        h = (h + layer(k + 1, layer(k, h).clamp(min=0))).clamp(min=0)
    want = h @ net.output.weight.T
    torch.testing.assert_close(net(x), want)


@pytest.mark.parametrize("make", [CONV, DENSE])
@pytest.mark.parametrize("norm", ["none", "batch"])
def test_branches_begin_smaller(make, norm):
    """Only the last layer of a branch, by γ where there is one."""
    one, two = make(5, norm=norm), shrink_branches(make(5, norm=norm))
    B = len(two.norm) // 2
    changed = {
        name: (a / b).mean().item()
        for (name, a), b in zip(
            two.named_parameters(), one.parameters(), strict=True
        )
        if not torch.equal(a, b)
    }
    part = "norm" if norm == "batch" else {CONV: "conv"}.get(make, "linear")
    ends = [f"{part}.{k}.weight" for k in range(2, 2 * B + 1, 2)]
    assert [*changed] == ends
    assert [*changed.values()] == pytest.approx([B**-0.5] * B, rel=1e-5)
