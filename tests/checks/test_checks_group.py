"""What the exercises on group norm rest on."""

from math import gcd

import numpy as np
import pytest
import torch
from right_group import LAYERS
from torch import nn
from torch.nn.functional import group_norm

from normlib.checks import other_techniques as ex
from normlib.checks.other_techniques import eight, passes
from normlib.reference import SETS

CASES = list(ex.suspect.cases())
MANY = [(seed, *case[1:]) for case in CASES for seed in range(12)]


def test_channels_last_is_torchs_group_norm_of_channels_first():
    seen = []

    def kept(x, gamma, beta, G, *, eps):
        y = ex.grouped.answer(x, gamma, beta, G, eps=eps)
        given = (x.transpose(0, 3, 1, 2), gamma, beta)
        x, gamma, beta = map(torch.tensor, given)
        want = group_norm(x, G, gamma, beta, eps).permute(0, 2, 3, 1)
        tol = {"rtol": 1e-5, "atol": 1e-5 if x.dtype.itemsize < 8 else 1e-9}
        np.testing.assert_allclose(y, want, **tol)
        seen.append(x.shape)
        return y

    for case in ex.grouped.cases():
        ex.grouped.use(kept, case)
    assert (2, 4, 4, 3) in seen and any(1 in shape for shape in seen)


def twice(x, G):
    """Norm an image beside its copy: torch refuses a single value."""
    return group_norm(torch.cat([x, x]), G)[0]


@pytest.mark.parametrize("layer", LAYERS)
def test_what_a_layer_forgets_and_learns_is_what_torch_says(layer):
    N, C, H, W, G = eight.LAYERS[layer]
    G = gcd(32, C) if layer == "narrow" else G
    torch.manual_seed(1)
    conv = nn.Conv2d(3, C, 1).double()
    z = conv(torch.randn(N, 3, H, W, dtype=torch.float64))
    z = z.mean((2, 3), keepdim=True) if layer == "pooled" else z
    dy = torch.randn_like(z)
    (group_norm(1e3 * z, G) * dy).sum().backward()
    alive = [conv.weight.grad.abs().max() > 1e-3]
    alive += [conv.bias.grad.abs().max() > 1e-3]
    m, forgotten, learns = LAYERS[layer]
    words = {(1, 1): "both", (1, 0): "weights", (0, 0): "neither"}
    assert words[tuple(map(int, alive))] == learns
    x = 1e3 * z[:1].detach()
    J = torch.autograd.functional.jacobian(lambda x: twice(x, G), x)
    J = 1e3 * J.reshape(x.numel(), -1)
    assert x.numel() - torch.linalg.matrix_rank(J, atol=1e-3) == forgotten
    assert SETS["group"].m(tuple(z.shape), G) == m


def test_an_entry_that_is_still_empty_is_asked_for():
    outcome = ex.directions.check(LAYERS | {"pairs": None})
    assert outcome.status == "not attempted"
    assert "Still empty: pairs" in outcome.message


def test_one_column_may_be_off_and_is_counted():
    wrong = {k: (m, n, "both") for k, (m, n, _) in LAYERS.items()}
    message = ex.directions.check(wrong).message
    assert "m 8, forgotten 8, learns 5" in message


def suspects(x, G):
    """Return by torch alone what each suspect would give."""
    N, C, H, W = x.shape
    made = {"healthy": group_norm(x, G)}
    flat = x.permute(0, 2, 3, 1).reshape(-1, C)
    made["one mean a position"] = (
        group_norm(flat, G).reshape(N, H, W, C).permute(0, 3, 1, 2)
    )
    as_one = x.transpose(0, 1).reshape(1, C, N * H, W)
    made["over the batch"] = (
        group_norm(as_one, G).reshape(C, N, H, W).transpose(0, 1)
    )
    if H % G == 0:
        rows = group_norm(x.transpose(1, 2), G)
        made["rows for channels"] = rows.transpose(1, 2)
    return made


@pytest.mark.parametrize("fault", passes.FAULTS)
def test_a_run_fits_its_own_name_and_no_other(fault):
    for case in MANY:
        fits_alone(fault, case)


def fits_alone(fault, case):
    x, y, G = (
        torch.tensor(v) if isinstance(v, np.ndarray) else v
        for v in ex.one_pass(fault, *case)
    )
    assert ex.suspect.answer(x.numpy(), y.numpy(), G) == fault
    N, C, H, W = x.shape
    assert (C // G * H * W <= 2) == (fault == "groups too small")
    off = {k: (v - y).abs().max() for k, v in suspects(x, G).items()}
    fits = {name for name, d in off.items() if d < 1e-6}
    assert all(d > 0.01 for name, d in off.items() if name not in fits)
    if fault == "healthy":  # what fits as well is the same norm here
        same = {"over the batch"} if N == 1 else set()
        same |= {"one mean a position"} if H * W == 1 else set()
        same |= {"rows for channels"} if G == 1 else set()
        assert "healthy" in fits and fits - {"healthy"} <= same
    elif fault == "other neighbours":
        assert not fits
        assert {*strangers(x, y, G)} != {True}
    elif fault != "groups too small":
        assert fits == {fault}


def strangers(x, y, G):
    """Tell of each group whether its channels share a slope from x to y.

    In other neighbours each channel of an image is a x + b; were a group
    a set, all its channels would have one a.
    """
    d, e = (v.flatten(2) - v.flatten(2).mean(2, True) for v in (x, y))
    a = (d * e).sum(2) / (d * d).sum(2)
    assert (e - a[:, :, None] * d).abs().max() < 1e-6
    for some in a.chunk(G, 1):
        yield bool((some - some[:, :1]).abs().max() < 1e-6)


def test_what_is_off_is_little_in_a_run():
    runs = [
        ex.one_pass(fault, *case)
        for case in CASES
        for fault in ("over the batch", "other neighbours")
    ]
    off = [group_norm(torch.tensor(x), G).numpy() - y for x, y, G in runs]
    assert 0.01 < min(abs(d).max() for d in off) < 0.1


def test_a_branch_without_return_is_no_blank():
    def begun(x, y, G):
        found = ex.suspect.answer(x, y, G)
        return None if found == "healthy" else found

    outcome = ex.suspect.check(begun)
    assert outcome.status == "incorrect"
    assert "Your function returned None for one run." in outcome.message
    outcome = ex.suspect.check(lambda x, y, G: None)
    assert outcome.status == "not attempted"


def test_sound_runs_tempt():
    runs = [ex.one_pass("healthy", *case) for case in CASES]
    m = [x[0].size // G for x, _, G in runs]
    assert min(m) == 3 and 4 in m
    assert {1, 2, 3} <= {len(x) for x, *_ in runs}
    assert any(x.shape[2:] == (1, 1) for x, *_ in runs)
    assert any(x.shape[1] == x.shape[2] and G > 1 for x, _, G in runs)
    assert {1} < {x.shape[1] // G for x, _, G in runs}
    assert any(G == 1 for *_, G in runs)
    wide = [y.reshape(len(y), G, -1).std(2) for _, y, G in runs]
    assert sum(w.min() < 0.75 for w in wide) == 4  # by ε
    assert sum(w.max() < 0.5 for w in wide) == 1
    faded = [y.std((2, 3)) for _, y, G in runs if y[0, 0].size > 1]
    assert any(f.max() > 1.2 and f.min() < 0.3 for f in faded)
