"""The loops beside the reference in float64, torch.nn, and themselves."""

import multiprocessing as mp
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from exactly import answer, inputs, numpy
from torch import nn
from torch.testing import assert_close

from normlib import layers, loops
from normlib.loops import ops, threads

NAMES = ["LayerNorm", "RMSNorm"]
SHAPES = [(1, 1), (5, 1), (3, 2), (64, 7), (130, 100), (2, 2500)]
FORMATS = [torch.float32, torch.float16, torch.bfloat16]


def of(name, dtype=torch.float32, N=6):
    """Return the loops' module, and torch's with the same state."""
    ours, theirs = (
        getattr(where, name)(N, eps=1e-5, dtype=dtype)
        for where in (loops, nn)
    )
    for p in theirs.parameters():
        nn.init.uniform_(p, 0.5, 1.5)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    return ours, theirs


@pytest.mark.parametrize("centre", [True, False])
@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mean", [0.5, 1e3])
def test_all_is_within_what_rounding_allows(shape, dtype, centre, mean):
    """By the bounds of the kernels' tests, derived there."""
    p = inputs(*shape, dtype, mean=mean)
    leaves = [p.x, p.w] + [p.b] * centre
    leaves = [t.detach().requires_grad_() for t in leaves]
    x, *params = leaves
    norm = loops.layer_norm if centre else loops.rms_norm
    y = norm(x, shape[1:], *params, eps=1e-5)
    got = torch.autograd.grad(y, leaves, p.dy)
    named = dict(zip(("y", "dx", "dw", "db"), (y, *got), strict=False))
    wanted = answer(p.x, p.w, p.b, p.dy, None, centre=centre, eps=1e-5)
    for name, (exact, bound) in wanted.items():
        off = abs(numpy(named[name]) - exact)
        assert (off <= bound).all(), (name, (off / bound).max())


@pytest.mark.parametrize("name", NAMES)
def test_float64_and_the_state_are_torchs(name):
    ours, theirs = of(name, torch.float64)
    x = torch.randn(4, 3, 6, dtype=torch.float64)
    for module in (ours, theirs):
        module.x = x.clone().requires_grad_()
        module(module.x).square().sum().backward()
    assert_close(ours.x.grad, theirs.x.grad)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert_close(a.grad, b.grad)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    assert isinstance(ours, getattr(layers, name))
    assert repr(ours) == repr(getattr(layers, name)(6, eps=1e-5))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mean", [0.0, -1e3, 1e6])
@pytest.mark.parametrize("sigma", [1e-2, 1.0, 1e3])
def test_far_from_zero_they_are_as_good_as_the_layers(name, mean, sigma):
    g = torch.Generator().manual_seed(5)
    x = torch.randn(16, 512, generator=g) * sigma + mean
    ours, theirs = (
        getattr(where, name)(512, eps=1e-6) for where in (loops, layers)
    )
    exact = getattr(layers, name)(512, eps=1e-6).double()(x.double())
    off, own = ((m(x) - exact).abs().max() for m in (ours, theirs))
    assert off <= max(2 * own, 2e-6)


@pytest.mark.parametrize("name", NAMES)
def test_threads_share_the_rows_and_change_rounding_alone(
    name, monkeypatch
):
    monkeypatch.setattr(threads, "GRAIN", 2**15)
    x, dy = torch.randn(2, 4099, 40)  # enough for five threads
    assert x.numel() > 5 * threads.GRAIN
    module, _ = of(name, N=40)
    found, before = [], torch.get_num_threads()
    try:
        for n in (1, 2, 5):
            torch.set_num_threads(n)
            leaf = x.clone().requires_grad_()
            wanted = [leaf, *module.parameters()]
            found.append(torch.autograd.grad(module(leaf), wanted, dy))
    finally:
        torch.set_num_threads(before)
    for one, other in pairwise(found):
        assert torch.equal(one[0], other[0])
        for a, b in zip(one[1:], other[1:], strict=True):
            assert_close(a, b, atol=1e-3, rtol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_layouts_empty_rows_and_views(name):
    ours, theirs = of(name)
    wide = torch.randn(5, 4, 12)
    for x in (
        wide[..., ::2], wide.transpose(0, 1)[..., :6], wide[:0, :, :6],
        wide[0, 0, :6],
    ):  # fmt: skip
        kept = x.clone()
        leaf = x.detach().requires_grad_()
        y = ours(leaf)
        assert y.shape == x.shape
        assert_close(y, theirs(x))
        y.sum().backward()
        assert torch.equal(x, kept)
        if not x.numel():
            assert not ours.weight.grad.any()
        ours.zero_grad()


@pytest.mark.parametrize("name", NAMES)
def test_no_variance_nan_and_inf(name):
    ours, theirs = of(name)
    for value in (0.0, 3.0, float("inf"), float("nan")):
        x = torch.ones(2, 6)
        x[0] = value
        assert_close(
            ours(x), theirs(x), equal_nan=True, atol=1e-5, rtol=1e-5
        )


@pytest.mark.parametrize("name", NAMES)
def test_what_is_frozen_gets_no_gradient(name):
    ours, _ = of(name)
    ours.weight.requires_grad_(False)
    x = torch.randn(3, 6)
    if name == "LayerNorm":
        ours(x).sum().backward()
        assert ours.bias.grad is not None
    assert ours.weight.grad is None
    plain = getattr(loops, name)(6, elementwise_affine=False)
    leaf = x.clone().requires_grad_()
    plain(leaf).square().sum().backward()
    assert leaf.grad.shape == x.shape and not [*plain.parameters()]


@pytest.mark.parametrize("name", NAMES)
def test_a_second_gradient_is_refused(name):
    ours, _ = of(name)
    x = torch.randn(3, 6, requires_grad=True)
    (dx,) = torch.autograd.grad(
        ours(x).square().sum(), x, create_graph=True
    )
    with pytest.raises(NotImplementedError, match="one backward"):
        dx.sum().backward()


def test_the_operators_keep_their_promises():
    x = torch.randn(5, 4, requires_grad=True)
    w, b = (torch.randn(4, requires_grad=True) for _ in "wb")
    for args in (
        (x, w, b, 1e-5, True, [4]),
        (x, None, None, 1e-5, False, [4]),
    ):
        torch.library.opcheck(ops.traced_norm, args)


@pytest.mark.parametrize("name", NAMES)
def test_compiled_it_is_one_operator(name):
    ours, _ = of(name)
    x = torch.randn(7, 6)
    found = []
    for module in (ours, torch.compile(ours, fullgraph=True)):
        leaf = x.clone().requires_grad_()
        y = module(2 * leaf)
        y.square().sum().backward()
        found.append((y, leaf.grad))
    assert_close(*found)


@pytest.mark.parametrize("name", NAMES)
def test_what_cannot_be_taken_is_named(name):
    ours, _ = of(name)
    for x, words in (
        (torch.ones(2, 5), "must end in normalized_shape"),
        (torch.ones(2, 6, dtype=torch.int64), "must be floating point"),
        (torch.ones(2, 6, device="meta"), "input must be on a CPU"),
    ):
        with pytest.raises(ValueError, match=words):
            ours(x)
    ours.eps = -1.0
    with pytest.raises(ValueError, match="eps must be 0 or more, got -1"):
        ours(torch.ones(2, 6))


def test_shares_are_done_once_by_a_team_and_by_a_pool(monkeypatch):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(5)
        assert threads._openmp() is not None
        for _ in range(200):
            assert shares() == [(0, 3), (3, 7), (7, 10), (10, 14), (14, 18)]
        monkeypatch.setattr(threads, "_openmp", lambda: None)
        assert shares() == [(0, 3), (3, 7), (7, 10), (10, 14), (14, 18)]
    finally:
        torch.set_num_threads(before)


def shares():
    return threads.shared(18, 5 * threads.GRAIN, lambda a, b: (a, b))


@pytest.mark.parametrize("team", [threads._openmp, lambda: None])
def test_what_goes_wrong_in_a_thread_is_raised(team, monkeypatch):
    monkeypatch.setattr(threads, "_openmp", team)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        with pytest.raises(ZeroDivisionError):
            threads.shared(2, 2 * threads.GRAIN, lambda a, b: 1 / a)
    finally:
        torch.set_num_threads(before)


MANY = 2 * threads.GRAIN // 6 + 1  # rows for two threads


def some_rows(queue, x):
    """No more than the loops: PyTorch's own threads do not survive."""
    y, *_ = ops.forward(x, None, None, 1e-5, True, (6,))
    queue.put(y.numpy().shape)


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own():
    before, x = torch.get_num_threads(), torch.randn(MANY, 6)
    context = mp.get_context("fork")
    queue = context.Queue()
    try:
        torch.set_num_threads(2)
        ops.forward(x, None, None, 1e-5, True, (6,))
        child = context.Process(target=some_rows, args=(queue, x))
        child.start()
        assert queue.get(timeout=60) == (MANY, 6)
        child.join(60)
    finally:
        child.kill()
        torch.set_num_threads(before)


def test_old_code_is_forgotten_when_a_file_changes(tmp_path):
    """Numba would keep a loop whose sum, in another file, has changed."""
    root = Path(loops.__file__).parents[1]
    shutil.copytree(
        root, tmp_path / "normlib",
        ignore=shutil.ignore_patterns("records", "data", "__pycache__"),
    )  # fmt: skip
    shutil.copytree(root / "data", tmp_path / "normlib" / "data")
    code = (
        "import torch; from normlib import loops\n"
        "y = loops.RMSNorm(4, eps=0.0)(torch.full((1, 4), 3.0))\n"
        "print(y[0, 0].item())"
    )

    def run():
        return subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, text=True,
            capture_output=True, check=True,
        ).stdout.strip()  # fmt: skip

    assert run() == "1.0"
    sums = tmp_path / "normlib" / "loops" / "sums.py"
    text = sums.read_text()
    assert text.count("b += d * d") == 1
    sums.write_text(text.replace("b += d * d", "b += 4 * d * d"))
    assert run() == "0.5"


def test_without_numba_it_is_said():
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "import importlib.util as u\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda n, *a: None if n == 'numba' else find(n)\n"
        "import normlib.loops"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    last = run.stderr.strip().splitlines()[-1]
    assert last == (
        "ImportError: normlib.loops needs Numba: pip install numba"
    )
