"""*Running statistics* keeps what normlib.reference and torch keep."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))
from explorable import Explorable
from explore.running_statistics import BATCH, EPS, MOMENTA, STEPS

from normlib import reference as ref

pytestmark = pytest.mark.browser
CASES = [  # who reads it, momentum, steps
    ("torch", 0.1, 1),
    ("keras", 0.1, 2),
    ("keras", 0.99, 300),
    ("torch", 0.99, 1),
    ("torch", 0.01, 100),
    ("keras", 0.5, 5),
]


def run(a, steps, start):
    """Train on the batch again and again; the start is `start`."""
    x = np.array(BATCH)[:, None]
    mean, var = np.array([start[0]]), np.array([start[1]])
    for _ in range(steps):
        ref.batch_norm_forward(
            x, None, None, running_mean=mean, running_var=var,
            momentum=a, eps=EPS,
        )  # fmt: skip
    x_hat, _ = ref.batch_norm_forward(
        x, None, None, running_mean=mean, running_var=var,
        training=False, eps=EPS,
    )  # fmt: skip
    return mean.item(), var.item(), x_hat[-1].item()


def percent(text):
    return float(text.lstrip("< ").rstrip(" %")) / 100


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_it_keeps_what_python_keeps(hand, browser, base):
    with Explorable(browser, base, "running_statistics") as it:
        for reader, momentum, steps in CASES:
            it.choose("reader", reader, hand)
            it.slide("momentum", MOMENTA.index(momentum), hand)
            it.slide("steps", STEPS.index(steps), hand)
            a = momentum if reader == "torch" else 1 - momentum
            mean, var, x_hat = run(a, steps, (0.0, 1.0))
            assert it.number("mean") == pytest.approx(mean, abs=6e-4)
            assert it.number("var") == pytest.approx(var, abs=6e-4)
            assert it.number("xhat") == pytest.approx(x_hat, abs=6e-4)
            assert it.number("a") == pytest.approx(a)
            # Two starts that differ by 1 end as far apart as is left.
            left = run(a, steps, (1.0, 1.0))[0] - mean
            shown = it.read("left")
            assert percent(shown) == pytest.approx(left, abs=6e-4)
            assert f"{shown} of the start is left" in it.read("told")
            until = int(it.read("until"))
            assert (1 - a) ** until <= 0.01 + 1e-9
            assert until == 1 or (1 - a) ** (until - 1) > 0.01
        assert "in PyTorch" in it.heard()


def test_torch_reads_the_number_as_the_page_says(browser, base):
    layer = torch.nn.BatchNorm1d(1, momentum=0.99, dtype=torch.float64)
    for _ in range(3):
        layer(torch.tensor(BATCH, dtype=torch.float64)[:, None])
    with Explorable(browser, base, "running_statistics") as it:
        it.slide("momentum", MOMENTA.index(0.99), "keyboard")
        it.slide("steps", STEPS.index(3), "keyboard")
        mean, var = layer.running_mean.item(), layer.running_var.item()
        assert it.number("mean") == pytest.approx(mean, abs=6e-4)
        assert it.number("var") == pytest.approx(var, abs=6e-4)
        assert "the last batch and little else" in it.read("told")
