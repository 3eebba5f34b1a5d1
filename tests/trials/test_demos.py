"""What pages show live: two processes, a loop that forgets, a path."""

import pytest
import torch
import torch.nn.functional as F

from normlib.experiments import demo
from normlib.experiments.batch_norm import (
    closer_look,
    histograms,
    modes,
    scale,
    sync,
)


def test_two_processes_are_one_batch():
    lines = sync.launch().splitlines()
    assert len(lines) == 4
    for line in lines:
        assert "1e-12 True" in line
    off = [float(line.rpartition(" ")[2]) for line in lines]
    assert min(off[:3]) > 0.1  # the control: each its own


def test_the_loop_that_forgets():
    data = modes.data()
    right, wrong = (
        modes.train(modes.make(), data, epochs=3, rate=1.0, forget=forget)
        for forget in (False, True)
    )
    assert right[0] == wrong[0]
    assert right[-1] < 20 < wrong[-1]


def test_ten_times_the_weights_and_a_hundred_times_the_rate():
    usual, _ = scale.path(gain=1, rate=0.1, steps=20)
    same, _ = scale.path(gain=10, rate=10.0, steps=20)
    other, _ = scale.path(gain=10, rate=0.1, steps=20)
    # Weights are drawn, and multiplied, in float32.
    assert usual == pytest.approx(same, rel=1e-6)
    assert usual != pytest.approx(other, rel=1e-2)


def test_signals_are_those_of_a_net_by_hand():
    """The gradient of the last hidden layer is (softmax − y) W / batch."""
    varies, gradient = histograms.signals("none", depth=2, batch=6)
    net = histograms.MLP(0, norm="none", init="default", depth=2, width=128)
    data = histograms.digits(0)
    x, y = data.train_x[:6].double(), data.train_y[:6]
    h = net.double().hidden(x)[-1]
    residual = net.output(h).softmax(1) - F.one_hot(y, 10)
    torch.testing.assert_close(
        gradient[-1], (residual @ net.output.weight / 6).detach()
    )
    torch.testing.assert_close(varies[-1], (h - h.mean(0)).detach())


def test_a_gradient_and_itself(monkeypatch):
    """At no step the cosine is 1, unless noise is drawn anew."""
    monkeypatch.setattr(closer_look, "LOOKS", (2,))
    monkeypatch.setattr(closer_look, "SEEDS", range(1))
    table = closer_look.predictability(rates=(0.0,))
    *same, anew = (float(row[1]) for row in table.rows)
    assert same == [1.0, 1.0, 1.0]
    assert anew < 0.9


def test_the_change_of_a_gradient_by_hand(monkeypatch):
    """No step below, no change; and the second count is relative."""
    monkeypatch.setattr(closer_look, "DEPTH", 2)
    monkeypatch.setattr(closer_look, "LOOKS", (1,))
    ((_, net, before, after),) = closer_look.looks("none", 0.0, 0)
    still = closer_look.change(net, before, before, 0)
    assert still.isneginf().all()
    double = {k: p.clone() for k, p in before.items()}
    double["output.weight"] *= 2  # no layer lies above it
    assert closer_look.change(net, before, double, 0).isneginf().all()
    theirs, ours = closer_look.change(net, before, after, 0)
    assert theirs.isfinite() and ours.isfinite() and theirs != ours


def test_a_demo_that_there_is_not():
    assert demo("batch_norm.modes") is modes
    with pytest.raises(ValueError, match=r"demo: got 'batch_norm\.x'"):
        demo("batch_norm.x")
