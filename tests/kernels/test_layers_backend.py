"""normlib.layers with backend="triton" is the same layer, faster."""

import os
import subprocess
import sys

import pytest
import torch

from normlib import layers
from normlib.experiments.performance import contenders

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
KINDS = [
    (layers.LayerNorm, {}),
    (layers.LayerNorm, {"bias": False}),
    (layers.LayerNorm, {"elementwise_affine": False}),
    (layers.RMSNorm, {}),
    (layers.RMSNorm, {"eps": 1e-3}),
    (layers.RMSNorm, {"elementwise_affine": False}),
]
each = pytest.mark.parametrize("kind, options", KINDS)


@each
@pytest.mark.parametrize("shape", [12, (3, 4)], ids=str)
def test_equal_to_the_other_backend(kind, options, shape):
    torch.manual_seed(0)
    ours = kind(shape, **options, backend="triton", device=DEVICE)
    other = kind(shape, **options, device=DEVICE)
    for p in ours.parameters():
        torch.nn.init.normal_(p)
    other.load_state_dict(ours.state_dict())
    ours.load_state_dict(other.state_dict())
    x = torch.randn(5, 2, *ours.normalized_shape, device=DEVICE)
    results = []
    for layer in (ours, other):
        leaf = x.clone().requires_grad_()
        y = layer(leaf)
        y.square().sum().backward()
        grads = [p.grad for p in layer.parameters()]
        results.append([y, leaf.grad, *grads])
    for got, want in zip(*results, strict=True):
        assert got.dtype == want.dtype
        torch.testing.assert_close(got, want)


@pytest.mark.parametrize("norm", ["layer", "rms", "residual"])
def test_the_benchmark_races_the_same_function(norm):
    given = contenders.tensors(norm, (6, 8), "float32", DEVICE)
    functions = contenders.torch_contenders(norm, ["eager", "kernels"])
    torch.testing.assert_close(*(f(*given) for f in functions.values()))
    for function in functions.values():
        for do in contenders.phases(function, given).values():
            do()


@each
def test_eval_and_no_grad(kind, options):
    layer = kind(8, **options, backend="triton", device=DEVICE)
    x = torch.randn(3, 8, device=DEVICE)
    y = layer(x)
    with torch.no_grad():
        assert torch.equal(layer.eval()(x), y)


@each
def test_what_it_refuses(kind, options):
    layer = kind(8, **options, backend="triton", device=DEVICE)
    with pytest.raises(ValueError, match="must end in normalized_shape"):
        layer(torch.randn(3, 9, device=DEVICE))
    wide = kind(8, **options, backend="triton", dtype=torch.float64)
    with pytest.raises(ValueError, match="x must be"):
        wide(torch.randn(3, 8, dtype=torch.float64))
    with pytest.raises(ValueError, match="backend must be 'torch' or"):
        kind(8, **options, backend="cuda")


def in_a_process(program):
    env = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, env=env,
    ).stdout  # fmt: skip


ASK = """
from normlib import layers
try:
    {what}
except ValueError as error:
    print(error)
"""


def test_without_triton_it_says_so():
    one = "layers.RMSNorm(8); print('made'); "
    both = one + "layers.RMSNorm(8, backend='triton')"
    said = in_a_process(
        "import sys; sys.modules['triton'] = None" + ASK.format(what=both)
    )
    assert said.startswith("made")  # nobody else needs Triton
    assert "backend: got 'triton', and Triton can not be imported" in said


def test_on_a_cpu_it_says_so():
    said = in_a_process(
        "import torch"
        + ASK.format(
            what="layers.RMSNorm(8, backend='triton')(torch.ones(2, 8))"
        )
    )
    assert "x must be on a CUDA device, got cpu" in said
