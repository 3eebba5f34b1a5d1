"""An ensemble is its members; nets, written down once more, agree."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from normlib.data import relabel
from normlib.experiments.nets import folded, probes, training
from normlib.experiments.nets.ensemble import Ensemble
from normlib.experiments.nets.ghost import GhostBatchNorm
from normlib.experiments.nets.lstm import LSTM, PIXELS
from normlib.experiments.nets.mlp import MLP
from normlib.experiments.nets.noise import noisy, redraw
from normlib.experiments.nets.patches import HIDDEN, PatchNet
from normlib.experiments.nets.renorm import BatchRenorm2d, widen

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
    "lstm": partial(LSTM, norm="batch", hidden=4, by_step=True),
}


@pytest.mark.parametrize("name", MAKERS)
def test_an_ensemble_trains_as_single_nets_do(name):
    """Weights, running statistics and logits after three steps."""
    make = MAKERS[name]
    nets, data = Ensemble(make, SEEDS), training.splits(SEEDS)
    config = {"steps": 3, "batch": 6}
    training.train(nets, data, config, rates=[0.1, 0.02])
    for e, (seed, rate) in enumerate(zip(SEEDS, (0.1, 0.02), strict=True)):
        net = make(seed)
        optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.9)
        g = torch.Generator().manual_seed(10_000 + seed)
        for _ in range(3):
            pick = torch.randint(len(data.train_y[e]), (6,), generator=g)
            optimizer.zero_grad()
            logits = net(data.train_x[e, pick])
            F.cross_entropy(logits, data.train_y[e, pick]).backward()
            optimizer.step()
        # float32, summed in another order, three steps on.
        close = {"rtol": 1e-4, "atol": 1e-4}
        torch.testing.assert_close(state_of(nets, e), net.state_dict(),
                                   **close)  # fmt: skip
        x = data.test_x[e, :9]
        torch.testing.assert_close(
            training.predict(nets, data.test_x[:, :9])[e],
            net.eval()(x), **close,
        )  # fmt: skip


def test_nets_that_differ_in_the_norm_start_from_the_same_weights():
    for make in (
        partial(MLP, depth=2, width=8),
        partial(PatchNet, side=4),
        partial(LSTM, hidden=4),
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


@pytest.mark.parametrize("by_step", [True, False])
def test_an_lstm_keeps_statistics_by_step_or_shared(by_step):
    net = LSTM(0, norm="batch", hidden=5, by_step=by_step)
    net(draw(6, 64, seed=1))
    seen = [int(n.num_batches_tracked) for n in net.norm_x.norms]
    assert seen == ([1] * 16 if by_step else [16])


def test_noise_shifts_and_scales_whole_channels():
    make = partial(MLP, norm=partial(noisy, "batch"), depth=1, width=6)
    nets, x = Ensemble(make, SEEDS), draw(2, 9, 64)
    quiet = nets(x, every=True)[1][0]
    redraw(nets, 0.5, torch.Generator().manual_seed(0))
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
            changes.append(((new - old).norm() / old.norm()).log10())
        torch.testing.assert_close(got[e], torch.stack(changes).mean())


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
