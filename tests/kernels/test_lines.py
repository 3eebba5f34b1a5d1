"""Streaming changes where numbers go, and none of them."""

import numpy as np
import pytest
import torch

from normlib import loops
from normlib.loops import lines

GUARD = -7.0


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("at", [0, 1, 5, 8, 15, 16, 17])
def test_a_stream_is_a_copy(kind, at):
    rng = np.random.default_rng(at)
    for n in (0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 100, 257):
        of = rng.normal(size=n + 3).astype(kind)
        to = np.full(at + n + 40, GUARD, kind)
        lines.stream(of, np.uint64(n), to, np.uint64(at))
        assert np.array_equal(to[at : at + n], of[:n])
        assert (to[:at] == GUARD).all() and (to[at + n :] == GUARD).all()


def made(norm, x, dy):
    """Return y and all gradients."""
    leaf = x.detach().clone(memory_format=torch.preserve_format)
    leaf.requires_grad_()
    y = norm(leaf)
    return y, *torch.autograd.grad(y, [leaf, *norm.parameters()], dy)


NORMS = {
    "layer": (loops.LayerNorm, (37, 100)),
    "layer, long": (loops.LayerNorm, (5, 1030)),
    "rms": (loops.RMSNorm, (64, 256)),
    "batch": (loops.BatchNorm2d, (4, 6, 9, 11)),
    "instance": (
        lambda C: loops.InstanceNorm2d(C, affine=True), (4, 6, 20, 20)
    ),
    "group": (lambda C: loops.GroupNorm(3, C), (4, 6, 17, 18)),
}  # fmt: skip
CASES = [(name, False) for name in NORMS]  # and, channels last, of images
CASES += [(name, True) for name, (_, s) in NORMS.items() if len(s) == 4]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("name", "last"), CASES)
def test_a_norm_that_streams_gives_the_same(
    name, last, threads, monkeypatch
):
    make, shape = NORMS[name]
    g = torch.Generator().manual_seed(0)
    x, dy = (torch.randn(shape, generator=g) for _ in "xy")
    if last:
        x, dy = (
            t.contiguous(memory_format=torch.channels_last) for t in (x, dy)
        )
    norm = make(shape[1])
    before = torch.get_num_threads()
    monkeypatch.setattr("normlib.loops.threads.GRAIN", 1)
    torch.set_num_threads(threads)
    try:
        plain = made(norm, x, dy)
        monkeypatch.setattr(lines, "LARGE", 0)
        monkeypatch.setattr(lines, "RUN", 0)
        streamed = made(norm, x, dy)
    finally:
        torch.set_num_threads(before)
    for a, b in zip(plain, streamed, strict=True):
        assert torch.equal(a, b)


def test_only_what_is_large_is_streamed():
    big = torch.empty(lines.LARGE // 4)
    assert lines.is_large(big, 1024) and not lines.is_large(big[1:], 1024)
    assert not lines.is_large(big, lines.RUN // 4 - 1)
