"""BatchNorm over several processes: sums are shared, not averages.

    torchrun --nproc-per-node 2 -m \\
        normlib.experiments.batch_normalization.sync

Each process holds a part of a batch. It adds up its values, all processes
add up their sums, and every one normalizes with the mean and variance of
the whole batch. torch.nn.SyncBatchNorm does this on GPUs; this runs on
CPUs, over gloo.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor


class SumOverProcesses(torch.autograd.Function):
    """Σ over processes; every process's loss depends on every part."""

    @staticmethod
    def forward(ctx: Any, part: Tensor) -> Tensor:
        """Return the sum of all processes' parts."""
        total = part.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        """Return the sum of all processes' gradients."""
        total = grad.clone()
        dist.all_reduce(total)
        return total


def sync_batch_norm(
    x: Tensor, gamma: Tensor, beta: Tensor, eps: float = 1e-5
) -> Tensor:
    """Normalize this process's rows (n, C) by all processes' rows."""
    total = SumOverProcesses.apply
    n = x.new_tensor([len(x)])
    m = total(n)
    mu = total(x.sum(0)) / m
    d = x - mu
    var = total((d**2).sum(0)) / m
    return gamma * d / torch.sqrt(var + eps) + beta


def local_batch_norm(
    x: Tensor, gamma: Tensor, beta: Tensor, eps: float = 1e-5
) -> Tensor:
    """Normalize by this process's rows alone, as DDP does by default."""
    return torch.nn.functional.batch_norm(
        x, None, None, gamma, beta, training=True, eps=eps
    )


def compare(sizes: tuple[int, ...] = (5, 3)) -> dict[str, float]:
    """Return the largest deviations from the whole batch in one process.

    Process r holds `sizes[r]` rows. Run inside a process group.
    """
    g = torch.Generator().manual_seed(0)
    x, dy = torch.randn(2, sum(sizes), 4, generator=g).double()
    x = 3 * x + torch.arange(len(x)).double().view(-1, 1)  # parts differ
    gamma, beta = torch.rand(2, 4, generator=g).double() + 0.5
    whole = _run(local_batch_norm, x, dy, gamma, beta)
    start = sum(sizes[: dist.get_rank()])
    rows = slice(start, start + sizes[dist.get_rank()])
    found = {}
    for norm in (sync_batch_norm, local_batch_norm):
        y, dx, *sums = _run(norm, x[rows], dy[rows], gamma, beta)
        for total in sums:  # dγ, dβ: DDP adds them up as well
            dist.all_reduce(total)
        want = [whole[0][rows], whole[1][rows], *whole[2:]]
        for name, a, b in zip(
            ("y", "dx", "dγ", "dβ"), (y, dx, *sums), want, strict=True
        ):
            worst = (a - b).abs().max()
            dist.all_reduce(worst, dist.ReduceOp.MAX)
            found[f"{norm.__name__} {name}"] = worst.item()
    return found


def _run(norm: Any, x: Tensor, dy: Tensor, *params: Tensor) -> list[Tensor]:
    inputs = [v.clone().requires_grad_() for v in (x, *params)]
    y = norm(*inputs)
    return [y.detach(), *torch.autograd.grad((y * dy).sum(), inputs)]


def launch(processes: int = 2) -> str:
    """Start the processes on this machine; return what they print."""
    command = [
        sys.executable, "-m", "torch.distributed.run",
        "--nproc-per-node", str(processes), "--rdzv-backend", "c10d",
        "--rdzv-endpoint", "127.0.0.1:0", "--local-addr", "127.0.0.1",
        "-m", __name__,
    ]  # fmt: skip
    here = {"OMP_NUM_THREADS": "1"}
    if sys.platform == "linux":
        here["GLOO_SOCKET_IFNAME"] = "lo"  # needs no network
    done = subprocess.run(
        command,
        env=os.environ | here,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.rstrip()


def main() -> None:
    """Compare, and print from the first process."""
    dist.init_process_group("gloo")
    found = compare()
    if dist.get_rank() == 0:
        for name in ("y", "dx", "dγ", "dβ"):
            sync = found[f"sync_batch_norm {name}"]
            local = found[f"local_batch_norm {name}"]
            print(
                f"{name:2}  synchronized: equal to 1e-12 {sync < 1e-12}   "
                f"each its own: off by {local:.2f}"
            )
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
