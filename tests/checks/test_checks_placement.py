"""What the exercises on placement rest on: the law, the nets, the bugs."""

import numpy as np
import pytest
import torch
from right_placement import by_factors_and_steps, by_the_best_law

from normlib.checks import layer_norm as ex
from normlib.checks.layer_norm import given, marks, stacks
from normlib.experiments.layer_norm import stream
from normlib.experiments.nets.transformer import Sublayer, Transformer

WAYS = {"before": "pre", "behind": "post", "both sides": "peri"}
WAYS |= {"no norm": "none", "DeepNorm": "deep"}


@pytest.mark.parametrize("place", WAYS)
def test_the_forecast_is_that_of_the_page(place, monkeypatch):
    gains = ((0.26, 0.38), (0.41, 0.45))
    monkeypatch.setattr(stream, "gains", lambda: gains)
    v, back = stream.predicted(WAYS[place], 6)
    ours = ex.forecast.answer(place, 6, stream.START, gains)
    np.testing.assert_allclose(ours, (v[-1], 10 ** back[0]))


def real(place, blocks, scale, seed):
    """Return v and g of a net of the trials."""
    norm = "none" if place == "none" else "layer"
    size = {"depth": blocks, "width": 64, "length": 16}
    net = Transformer(seed, norm=norm, placement=place, **size).double()
    with torch.no_grad():
        net.byte *= scale
        net.place *= scale
    g = torch.Generator().manual_seed(seed)
    logits, seen = net(torch.randint(128, (4, 16), generator=g), every=True)
    loss = -logits.log_softmax(-1)[..., 0].mean()
    grads = torch.autograd.grad(loss, seen)
    v = [h.var(-1, correction=0).mean().item() for h in seen]
    return np.array(v), np.array([g.norm().item() for g in grads])


@pytest.mark.parametrize("place", [*WAYS.items(), (stacks.NETS[-1], "mix")])
def test_the_trials_nets_are_named_as_well(place):
    name, placement = place
    for size in ((4, 1.0, 0), (8, 0.3, 1), (6, 4.0, 2)):
        assert ex.which.answer(*real(placement, *size)) == name


def test_fresh_nets_leave_room_between_the_placements():
    for *size, _ in (marks.GIVEN, *marks.FRESH):
        seen = {net: stacks.curves(net, *size) for net in stacks.NETS}
        v = {net: v for net, (v, _) in seen.items()}
        rise = {net: (a[-1] - a[0]) / (len(a) - 1) for net, a in v.items()}
        assert rise["before"] < 0.5 < 0.9 < rise["both sides"] < 1.1
        bend = {
            net: a[len(a) // 2] / (a[0] + a[-1]) for net, a in v.items()
        }
        assert bend["no norm"] < 0.15
        assert min(bend["before"], bend["both sides"]) > 0.4
        moves = {
            net: np.ptp(np.log(g[1:-1])) for net, (_, g) in seen.items()
        }
        assert moves["DeepNorm"] < 0.05 < 0.5 < moves["behind"]


def test_a_net_cannot_be_told_by_where_its_v_ends():
    ends = [stacks.curves(*net)[0][-1] for net in (
        ("no norm", 4, 0.4, 0), ("before", 4, 0.4, 0), ("before", 6, 5, 0)
    )]  # fmt: skip
    assert ends[0] < 1.1 * ends[1] < ends[2] / 5


def test_which_nets_are_taken_for_which_is_told():
    outcome = ex.which.check(lambda v, g: "behind")
    said = " ".join(outcome.message.split())
    assert "30 nets: 5 right; 5 × no norm called behind; 5 ×" in said


def test_nets_are_the_same_however_they_are_told():
    for case in (marks.GIVEN, *marks.FRESH):
        told = [marks.told(f, case) for f in (
            ex.which.answer, by_factors_and_steps, by_the_best_law
        )]  # fmt: skip
        assert told[0] == told[1] == told[2]


class Given(torch.nn.Module):
    def __init__(self, f):
        super().__init__()
        self.f, self.beta = f, 1.0

    def times(self, beta):
        self.beta *= beta

    def forward(self, x):
        return torch.tensor(self.f(x.numpy()))


@pytest.mark.parametrize("way", [n for n in WAYS if n != "no norm"])
def test_our_net_is_the_trials(way):
    x, parts, last = given.drawn(3, 4, 6)
    h = torch.tensor(x)
    for k, part in enumerate(parts):
        place = WAYS[way], k // 2 + 1, len(parts) // 2
        h = Sublayer(*map(Given, part), *place)(h)
    ours = ex.port.answer(x, parts, last, way)
    theirs = h.numpy() if way in ("behind", "DeepNorm") else last(h.numpy())
    np.testing.assert_allclose(ours, theirs)


def test_the_given_net_has_a_bug_in_four_of_five():
    bugs = ["residual-normed", "last-twice", "one-norm-for-both"]
    bugs += ["alpha-on-the-branch"]
    ways = ["before", "behind", "both sides", "DeepNorm"]
    for i, bug in enumerate(bugs):

        def half_mended(x, sublayers, last, place, i=i):
            net = ex.port.answer if place in ways[:i] else given.net
            return net(x, sublayers, last, place)

        outcome = ex.port.check(half_mended)
        assert outcome.mistakes[0] == bug


def test_a_net_may_be_mended_place_by_place():
    def begun(x, sublayers, last, place):
        if place == "before":
            return ex.port.answer(x, sublayers, last, place)

    outcome = ex.port.check(begun)
    assert outcome.status == "unfinished"
    assert "Next comes behind" in outcome.message

    def foretold(place, *given):
        if place == "DeepNorm":
            raise NotImplementedError
        return ex.forecast.answer(place, *given)

    outcome = ex.forecast.check(foretold)
    assert "Next comes DeepNorm: variance" in outcome.message
