"""What only a GPU can show: graphs, more than 2³¹ values, two devices."""

import pytest
import torch
from exactly import inputs

from normlib import kernels

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no GPU"
)


def both(x, w, b, dy):
    """Return y and the gradients of LayerNorm."""
    leaves = [t.detach().requires_grad_() for t in (x, w, b)]
    y = kernels.layer_norm(*leaves)
    return [y.detach(), *torch.autograd.grad(y, leaves, dy)]


@pytest.mark.parametrize("N", [1000, 4096, 40000])
def test_a_captured_graph_replays_on_other_values(N):
    p, other = (inputs(64, N, torch.bfloat16, "cuda", s) for s in (0, 1))
    given = p.x, p.w, p.b, p.dy
    both(*given)  # compiles
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        got = both(*given)
    p.x.copy_(other.x)
    p.dy.copy_(other.dy)
    graph.replay()
    for a, b in zip(got, both(*given), strict=True):
        assert torch.equal(a, b)


def test_more_values_than_a_32_bit_number_counts():
    M, N = 2**17 + 1, 2**14  # 2³¹ + 16384 values, 4 GiB an array
    free, _ = torch.cuda.mem_get_info()
    if free < 40 * 2**30:
        pytest.skip("needs 40 GiB of GPU memory")
    kind = {"device": "cuda", "dtype": torch.bfloat16}
    x = torch.randn(M, N, **kind).requires_grad_()
    w = torch.randn(N, **kind).requires_grad_()
    dy = torch.randn(M, N, **kind)
    y = kernels.rms_norm(x, w)
    dx, dw = torch.autograd.grad(y, (x, w), dy)
    ends = slice(-5, None)  # rows past the 2³¹st value
    few = x[ends].detach().requires_grad_()
    want = kernels.rms_norm(few, w)
    (d_few,) = torch.autograd.grad(want, few, dy[ends])
    assert torch.equal(y[ends], want) and torch.equal(dx[ends], d_few)
    assert dw.isfinite().all()


def test_the_second_device_while_the_first_is_current():
    if torch.cuda.device_count() < 2:
        pytest.skip("one GPU")
    p = inputs(16, 512, torch.float32, "cuda:1")
    q = inputs(16, 512, torch.float32, "cuda:0")
    for a, b in zip(
        both(p.x, p.w, p.b, p.dy), both(q.x, q.w, q.b, q.dy), strict=True
    ):
        assert a.device.index == 1 and torch.equal(a.cpu(), b.cpu())
