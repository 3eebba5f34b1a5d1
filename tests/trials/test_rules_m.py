"""The rules of "m, not N", on made-up records; nets checked anew."""

import pytest
import torch
import torch.nn.functional as F
from made_up import made_up

from normlib.experiments import groups
from normlib.experiments.batch_normalization import recurrent
from normlib.ledger import decide

NOISY = (-6.0, 0.0, 6.0)


def sweep(name, error, spread=0.0):
    """`error(cell)` per cent, give or take `spread` by seed and arm."""

    def value(cell):
        other = cell.get("norm", cell.get("arm")) in ("batch", "shared, 1")
        jitter = spread * NOISY[cell["seed"] % 3] * (1 if other else -1)
        e = error(cell) + jitter
        return {
            "val_error": e,
            "test_error": e,
            "precise_error": e,
            "train_error": error(cell | {"train": True}) + jitter,
        }

    return made_up(name, value)


def below(limit, count):
    def error(cell):
        bad = cell["norm"] == "batch" and count(cell) < limit
        return 20.0 if bad else 3.0

    return error


def by_m(cell):
    return cell["N"] * cell["side"] ** 2


def by_n(cell):
    return cell["N"]


SIZE = "batch_normalization.statistics_size"


@pytest.mark.parametrize(
    "claim, bound",
    [
        ("bn.batch-16", 16),
        ("guide.small-batch-8", 8),
        ("pit.bn-below-4", 4),
    ],
)
def test_a_number_counts_images_values_or_nothing(claim, bound):
    def verdict(error, spread=0.0):
        return decide(claim, sweep(SIZE, error, spread)).verdict

    assert verdict(below(bound, by_n)) == "holds"
    assert verdict(below(4, by_m)) == "holds when"
    assert verdict(below(0, by_m), spread=1.0) == "open"
    want = "does not hold"
    assert verdict(below(0, by_m)) == want
    if bound == 16:
        assert verdict(below(100, by_n)) == want


def test_small_batches():
    def verdict(error, spread=0.0):
        return decide("bn.small-batch", sweep(SIZE, error, spread)).verdict

    assert verdict(below(16, by_n)) == "holds"
    assert verdict(below(4, by_m)) == "holds when"
    assert verdict(below(0, by_m)) == "does not hold"
    assert verdict(below(0, by_m), spread=1.0) == "open"


def test_layer_norm_beside_the_full_batch():
    def verdict(error, spread=0.0):
        return decide("ln.small-batch", sweep(SIZE, error, spread)).verdict

    def worse(sides):
        return lambda cell: (
            9.0
            if cell["norm"] == "layer" and cell["side"] in sides
            else 3.0
        )

    assert verdict(worse(())) == "holds"
    assert verdict(worse((1, 2, 4))) == "does not hold"
    assert verdict(worse((1,))) == "holds when"
    assert verdict(worse(()), spread=1.0) == "open"


def test_ghost_batches():
    def verdict(helps, spread=0.0):
        def error(cell):
            if cell["norm"] == "batch" and cell["m"] in helps:
                return 30.0 if cell.get("train") else 10.0
            return 5.0 if cell.get("train") else 25.0

        name = "batch_normalization.ghost"
        return decide("bn.regularizes", sweep(name, error, spread)).verdict

    assert verdict((4, 8, 16, 32, 64, 256)) == "holds"
    assert verdict((4, 8)) == "holds when"
    assert verdict((256,)) == "open"
    assert verdict(()) == "does not hold"
    assert verdict((), spread=3.0) == "open"


@pytest.mark.parametrize("claim, side", [("bn.cnn", 4), ("bn.mlp", 1)])
def test_the_best_norm(claim, side):
    def verdict(ahead, spread=0.0):
        def error(cell):
            peer = cell["norm"] != "batch"
            return 9.0 if peer and cell["depth"] in ahead else 3.0

        name = "batch_normalization.best_norm"
        return decide(claim, sweep(name, error, spread)).verdict

    assert verdict((2, 8)) == "holds"
    assert verdict((8,)) == "holds when"
    assert verdict(()) == "does not hold"
    assert verdict((), spread=2.0) == "open"


def test_recurrent_nets():
    def verdict(bad, spread=0.0):
        name = "batch_normalization.recurrent"
        record = sweep(name, lambda c: 40.0 * (c["arm"] in bad) + 4, spread)
        return decide("bn.rnn", record).verdict

    shared = ("shared, 1", "shared, 0.1")
    assert verdict((*shared, "by step, 1", "by step, 0.1")) == "holds"
    assert verdict(shared) == "holds when"
    assert verdict(()) == "does not hold"
    assert verdict((), spread=3.0) == "open"


@pytest.mark.parametrize("side", [1, 2, 4])
@pytest.mark.parametrize("training", [True, False])
def test_a_grouped_net_is_torch_group_by_group(side, training):
    net = groups.make(side=side, norm="batch", n=3, seeds=[0])
    C = groups.HIDDEN[side]
    norms = [torch.nn.BatchNorm2d(C).train(training) for _ in range(2)]
    f = 8 // side
    kernel = net.W[0][0].T.reshape(C, 1, f, f)
    x = torch.randn(1, 6, 64, generator=torch.Generator().manual_seed(1))
    want = []
    for part in x[0].view(2, 3, 1, 8, 8):
        h = F.relu(norms[0](F.conv2d(part, kernel, stride=f)))
        if side > 1:
            second = net.W[1][0].T.reshape(C, C, 3, 3)
            h = F.conv2d(h, second, padding=1)
        else:
            h = (h.flatten(1) @ net.W[1][0])[..., None, None]
        h = F.relu(norms[1](h)).permute(0, 2, 3, 1).flatten(1)
        want.append(h @ net.W[2][0])
    got = net(x, training=training)[0]
    # float32 sums in another order
    torch.testing.assert_close(got, torch.cat(want), rtol=1e-4, atol=1e-4)
    for layer, norm in enumerate(norms):
        mean = net.mean[layer].flatten()
        torch.testing.assert_close(mean, norm.running_mean)
        var = net.var[layer].flatten()
        torch.testing.assert_close(var, norm.running_var)


def test_renorm_without_bounds_is_evaluation():
    net = groups.make(side=1, norm="renorm", n=8, seeds=[0])
    x = torch.randn(1, 8, 64, generator=torch.Generator().manual_seed(1))
    plain = groups.make(side=1, norm="batch", n=8, seeds=[0])
    torch.testing.assert_close(net(x), plain(x))  # bound 0: r = 1, d = 0
    net.momentum, net.bound = 0.0, 1.0
    torch.testing.assert_close(net(x), net(x, training=False))


def test_an_lstm_without_a_norm_is_torchs():
    H = 5
    net = recurrent.make("none", H, [0], "cpu")
    lstm = torch.nn.LSTM(recurrent.PIXELS, H, batch_first=True)
    order = [0, 1, 3, 2]  # torch has i f g o

    def gates(W):
        return torch.cat([W.chunk(4, -1)[k] for k in order], -1)

    with torch.no_grad():
        lstm.weight_ih_l0.copy_(gates(net.W[0][0]).T)
        lstm.weight_hh_l0.copy_(gates(net.W[1][0]).T)
        lstm.bias_ih_l0.copy_(gates(net.b[0][0, 0]))
        lstm.bias_hh_l0.zero_()
    x = torch.randn(1, 3, 64, generator=torch.Generator().manual_seed(1))
    h = lstm(x[0].view(3, 16, recurrent.PIXELS))[0][:, -1]
    torch.testing.assert_close(net(x)[0], h @ net.W[2][0])


@pytest.mark.parametrize("arm", list(recurrent.ARMS))
def test_an_lstm_keeps_statistics_by_step_or_shared(arm):
    net = recurrent.make(arm, 5, [0], "cpu")
    x = torch.randn(1, 6, 64, generator=torch.Generator().manual_seed(1))
    net(x)
    norm, by_step, _ = recurrent.ARMS[arm]
    want = 0 if norm != "batch" else 3 * (16 if by_step else 1)
    assert len(net.running) == want
    assert net(x, training=False).isfinite().all()
