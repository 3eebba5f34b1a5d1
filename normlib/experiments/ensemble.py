"""Many small MLPs trained at once, as one batched computation.

Member e of E has its own weights, data order and learning rate. A
hidden layer is h ← act(norm(h W + b)); with skips, from the second on,
h ← h + act(norm(h W + b)). All members share the depth, so a layer is
one batched product (E, B, D) @ (E, D, D).
A member that diverges turns into NaN and disturbs no other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..data import Split, digits
from ..layers.core import standardize
from .trial import Config, Rows, Unit

# The set that shares statistics, as axes of (E, B, D), and whether the
# norm subtracts its mean.
SETS = {"batch": ((1,), True), "layer": ((2,), True), "rms": ((2,), False)}
ACTIVATIONS = {
    "relu": F.relu,
    "tanh": torch.tanh,
    "sigmoid": F.sigmoid,
    "linear": lambda z: z,
}


@dataclass
class Net:
    """Parameters of E networks: W (E, D_in, D_out), b, γ, β (E, 1, D)."""

    norm: str
    act: str
    W: list[Tensor]
    b: list[Tensor]
    gamma: list[Tensor]
    beta: list[Tensor]
    running: list[tuple[Tensor, Tensor]]
    skip: bool = False
    eps: float = 1e-5
    momentum: float = 0.1

    def parameters(self) -> list[Tensor]:
        """Return all tensors that learn."""
        return self.W + self.b + self.gamma + self.beta

    def __call__(self, x: Tensor, *, training: bool = True) -> Tensor:
        """Map inputs (E, B, 64) to logits (E, B, 10)."""
        return self.activations(x, training=training)[-1]

    def activations(self, x: Tensor, *, training: bool) -> list[Tensor]:
        """Return the output of every layer, the logits last."""
        h, out = x, []
        for layer, (W, b) in enumerate(zip(self.W, self.b, strict=True)):
            z = torch.baddbmm(b, h, W)
            if layer == len(self.W) - 1:
                return [*out, z]
            if self.norm != "none":
                z = self._normalize(z, layer, training)
            new = ACTIVATIONS[self.act](z)
            h = h + new if self.skip and layer else new
            out.append(h)
        raise AssertionError("a net has an output layer")

    def _normalize(self, z: Tensor, layer: int, training: bool) -> Tensor:
        axes, centre = SETS[self.norm]
        if self.norm == "batch" and not training:
            mean, var = self.running[layer]
            x_hat = (z - mean) * torch.rsqrt(var + self.eps)
        else:
            x_hat, mean, var = standardize(z, axes, self.eps, centre)
            if self.norm == "batch":
                self._remember(mean, var, m=z.shape[1], layer=layer)
        if not self.beta:  # RMSNorm has no shift
            return x_hat * self.gamma[layer]
        return torch.addcmul(self.beta[layer], x_hat, self.gamma[layer])

    @torch.no_grad()
    def _remember(
        self, mean: Tensor, var: Tensor, *, m: int, layer: int
    ) -> None:
        # The unbiased variance, as torch keeps it.
        old_mean, old_var = self.running[layer]
        self.running[layer] = (
            old_mean.lerp(mean, self.momentum),
            old_var.lerp(var * m / (m - 1), self.momentum),
        )


def make(
    *,
    norm: str,
    act: str,
    init: str,
    depth: int,
    width: int,
    seeds: Sequence[int],
    skip: bool = False,
    gain: float = 1.0,
    gain_output: bool = True,
    device: str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Net:
    """Draw one network a seed: `depth` hidden layers and an output.

    init "default" is nn.Linear's, W and b uniform within ±1/√D_in;
    "scaled" is W normal with deviation √(2/D_in) for ReLU (He et al.)
    and √(1/D_in) otherwise (LeCun et al.), b = 0. Weights depend on
    seed, init and shape alone: nets that differ in the norm start from
    the same ones. `gain` multiplies them all, the output layer's only
    with `gain_output`.
    """
    sizes = [64] + [width] * depth + [10]
    W, b = [], []
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    for d_in, d_out in pairwise(sizes):
        drawn = [_draw(g, init, act, d_in, d_out) for g in generators]
        output = len(W) == depth
        scale = 1.0 if output and not gain_output else gain
        weights = torch.stack([w for w, _ in drawn]) * scale
        W.append(weights.to(device, dtype))
        b.append(torch.stack([c for _, c in drawn]).to(device, dtype))
    shape = (depth, len(seeds), 1, width)
    ones = list(torch.ones(shape, device=device, dtype=dtype))
    zeros = list(torch.zeros(shape, device=device, dtype=dtype))
    net = Net(
        norm=norm,
        act=act,
        W=W,
        b=b,
        gamma=[] if norm == "none" else ones,
        beta=[] if norm in ("none", "rms") else zeros,
        running=[(torch.zeros_like(o), torch.ones_like(o)) for o in ones],
        skip=skip,
    )
    for p in net.parameters():
        p.requires_grad_()
    return net


def _draw(
    g: torch.Generator, init: str, act: str, d_in: int, d_out: int
) -> tuple[Tensor, Tensor]:
    if init == "default":
        bound = 1 / math.sqrt(d_in)
        W = torch.rand(d_in, d_out, generator=g) * 2 * bound - bound
        b = torch.rand(1, d_out, generator=g) * 2 * bound - bound
        return W, b
    gain = 2 if act == "relu" else 1
    W = torch.randn(d_in, d_out, generator=g) * math.sqrt(gain / d_in)
    return W, torch.zeros(1, d_out)


def splits(seeds: Sequence[int], device: str = "cpu") -> Split:
    """Stack one split of the digits a seed: inputs (E, n, 64)."""
    parts = zip(*(digits(seed) for seed in seeds), strict=True)
    return Split(*(torch.stack(part).to(device) for part in parts))


def train(
    net: Net,
    data: Split,
    *,
    lr: Tensor,
    seeds: Sequence[int],
    steps: int,
    batch: int,
    momentum: float = 0.9,
    every: int = 10,
    decay: bool = False,
    watch: Callable[[int], None] | None = None,
) -> list[tuple[int, Tensor]]:
    """Train by SGD with momentum; lr (E,) is constant over the run.

    With `decay` it falls linearly to 0. Members with the same seed see
    the same batches. Returns (step, validation error (E,) in per cent)
    every `every` steps; `watch` is called with every step, to look for
    itself.
    """
    E, n = data.train_y.shape
    draw = [torch.Generator().manual_seed(10_000 + s) for s in seeds]
    velocity = [torch.zeros_like(p) for p in net.parameters()]
    lr = lr.to(data.train_x.device)
    member = torch.arange(E).view(E, 1)
    curve = []
    for step in range(1, steps + 1):
        rows = [torch.randint(n, (batch,), generator=g) for g in draw]
        pick = torch.stack(rows)
        x, y = data.train_x[member, pick], data.train_y[member, pick]
        logits = net(x)
        # Summed over members: each sees its own mean loss, no other's.
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
        grads = torch.autograd.grad(loss * E, net.parameters())
        rate = lr * (1 - (step - 1) / steps) if decay else lr
        with torch.no_grad():
            for p, v, g in zip(
                net.parameters(), velocity, grads, strict=True
            ):
                v.mul_(momentum).add_(g)
                p.sub_(rate.view(E, *(1,) * (p.ndim - 1)) * v)
        if watch:
            watch(step)
        if step % every == 0 or step == steps:
            curve.append((step, error(net, data.val_x, data.val_y)))
    return curve


@torch.no_grad()
def predict(net: Net, x: Tensor, *, batch: int = 0) -> Tensor:
    """Return the logits (E, n, 10) with the running statistics.

    With `batch` BatchNorm takes the statistics of batches this large
    from x itself, as in training, and remembers none of them.
    """
    if not batch:
        return net(x, training=False)
    held, net.running = net.running, list(net.running)
    logits = torch.cat([net(part) for part in x.split(batch, 1)], 1)
    net.running = held
    return logits


def error(net: Net, x: Tensor, y: Tensor, *, batch: int = 0) -> Tensor:
    """Return the error (E,) in per cent; a diverged member counts 90 %."""
    logits = predict(net, x, batch=batch)
    wrong = (logits.argmax(-1) != y).float().mean(-1) * 100
    finite = torch.isfinite(logits).all(-1).all(-1)
    return torch.where(finite, wrong, torch.full_like(wrong, 90.0))


def sweep(
    config: Config,
    unit: Unit,
    shape: dict[str, Any],
    device: str,
    *,
    momentum: float = 0.9,
    trained: float = 10.0,
) -> Rows:
    """Train a net for every learning rate and seed, all at once.

    `shape` says what `make` needs besides width and seeds. A row has the
    final errors and the step at which the validation error first came
    down to `trained` per cent (None if never).
    """
    first = config["first_seed"]
    seeds = range(first, first + config["seeds"])
    members = list(product(config["rates"], seeds))
    every_seed = [seed for _, seed in members]
    net = make(
        width=config["width"], seeds=every_seed, device=device, **shape
    )
    data = splits(every_seed, device)
    curve = train(
        net,
        data,
        lr=torch.tensor([rate for rate, _ in members]),
        seeds=every_seed,
        steps=config["steps"],
        batch=config["batch"],
        momentum=momentum,
    )
    last = curve[-1][1]
    test = error(net, data.test_x, data.test_y)
    rows = []
    for e, (rate, seed) in enumerate(members):
        steps = [step for step, err in curve if err[e] <= trained]
        row = unit | {"rate": rate, "seed": seed}
        row["val_error"] = round(last[e].item(), 3)
        row["test_error"] = round(test[e].item(), 3)
        row["trained_at"] = steps[0] if steps else None
        rows.append(row)
    return rows
