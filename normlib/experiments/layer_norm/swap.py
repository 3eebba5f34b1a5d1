"""Swap the norms of a trained Transformer for RMSNorm.

Its norms stand before the sublayers, so the stream has no norm of its
own: x is a sum of an embedding and of what each sublayer adds.
"""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor, nn

from ... import layers
from ...data.text import crops, sources
from ...table import Table
from ..nets import language
from ..nets.ensemble import Ensemble
from ..nets.transformer import BYTES, Transformer
from ..protocol import part

CONFIG = {
    "width": 32, "depth": 3, "length": 32, "batch": 8, "steps": 150,
    "warmup": 0.1, "tested": 64,
}  # fmt: skip
RATE = 0.02


def trained(seed: int = 0, norm: str = "layer") -> Transformer:
    """Train a small pre-norm Transformer on one thread: some seconds."""
    shape = part(CONFIG, "width", "depth", "length")
    nets = Ensemble(lambda s: Transformer(s, norm=norm, **shape), [seed])
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # else sums depend on how many there are
    language.train(nets, CONFIG, [RATE])
    torch.set_num_threads(threads)
    net = Transformer(seed, norm=norm, **shape)
    net.load_state_dict({k: p[0] for k, p in nets.parameters.items()})
    return net


@torch.no_grad()
def writes(net: Transformer, start: str, count: int = 160) -> str:
    """Let the net go on after `start`, a byte drawn at a time."""
    text, g = list(start.encode("ascii")), torch.Generator().manual_seed(0)
    for _ in range(count):
        x = torch.tensor(text[-CONFIG["length"] :])
        p = net(x[None])[0, -1].softmax(-1)
        text.append(int(torch.multinomial(p, 1, generator=g)))
    return bytes(text).decode("ascii")


def ends(sublayer: nn.Module) -> tuple[nn.Linear, nn.Linear]:
    """Return what reads the normed stream, and what writes to it."""
    first, last = (
        m for m in sublayer.f.children() if isinstance(m, nn.Linear)
    )
    return first, last


def places(net: Transformer) -> list[tuple[nn.Module, str, nn.Linear]]:
    """Return every norm: its owner, its name there, and what reads it."""
    found = [(s, "before", ends(s)[0]) for s in net.sublayers]
    return [*found, (net, "last", net.output)]


@torch.no_grad()
def swapped(net: Transformer) -> Transformer:
    """Put RMSNorm(x) γ for LayerNorm(x) γ + β; b takes W β in."""
    net = deepcopy(net)
    for owner, name, reader in places(net):
        old = getattr(owner, name)
        new = layers.RMSNorm(old.normalized_shape, eps=old.eps)
        new.weight = old.weight
        reader.bias += reader.weight @ old.bias
        setattr(owner, name, new)
    return net


@torch.no_grad()
def centred(net: Transformer) -> Transformer:
    """Let nothing write a mean into the stream: W ← W − mean over D."""
    net = deepcopy(net)
    for table in (net.byte, net.place):  # (n, D)
        table -= table.mean(1, keepdim=True)
    for sublayer in net.sublayers:
        writer = ends(sublayer)[1]
        writer.weight -= writer.weight.mean(0)  # (D, D_in)
        writer.bias -= writer.bias.mean()
    return net


@torch.no_grad()
def stream(net: Transformer, seed: int = 0) -> list[Tensor]:
    """Return the stream before each norm, on unseen text: (B, T, D)."""
    draw = torch.Generator().manual_seed(1)
    x = crops(sources(seed).test, 32, CONFIG["length"], draw)[:, :-1]
    return net(x, every=True)[1]


def ratios(net: Transformer) -> list[float]:
    """Return the root mean square of μ/σ before each norm."""
    found = []
    for h in stream(net):
        mu, sigma = h.mean(-1), h.std(-1, correction=0)
        found.append((mu / sigma).square().mean().sqrt().item())
    return found


def means(net: Transformer, seed: int = 0) -> Table:
    """Return how far each norm's input points along 1, and did before."""
    shape = part(CONFIG, "width", "depth", "length")
    fresh = ratios(Transformer(seed, norm="layer", **shape))
    names = [
        f"{f} {k + 1}" for k in range(CONFIG["depth"])
        for f in ("attention", "MLP")
    ]  # fmt: skip
    rows = [
        (name, f"{before:.2f}", f"{now:.2f}", f"{(1 + now**2) ** -0.5:.3f}")
        for name, before, now in zip(
            [*names, "output"], fresh, ratios(net), strict=True
        )
    ]
    head = ("norm before", "|μ|/σ untrained", "trained", "cosine")
    return Table(head, rows)


def pull(net: Transformer, seed: int = 0) -> tuple[float, float]:
    """Return the embedding's largest gradient: along 1, and of a number."""
    draw = torch.Generator().manual_seed(3)
    x = crops(sources(seed).train, 8, CONFIG["length"], draw)
    loss = language.bits(net(x[:, :-1])[None], x[None, :, 1:]).sum()
    (g,) = torch.autograd.grad(loss, [net.byte])  # (128, D)
    return g.mean(1).abs().max().item(), g.abs().max().item()


@torch.no_grad()
def bits(net: Transformer, seed: int = 0) -> float:
    """Return bits per byte on the files that a seed kept for the test."""
    draw = torch.Generator().manual_seed(2)
    count = CONFIG["tested"] * CONFIG["batch"]
    x = crops(sources(seed).test, count, CONFIG["length"], draw)
    return language.bits(net(x[:, :-1])[None], x[None, :, 1:]).item()


def pairs(seed: int = 0) -> float:
    """Return bits per byte of a table of pairs, counted in training."""
    text = sources(seed)
    counts = torch.full((BYTES, BYTES), 0.1)
    a, b = text.train[:-1].long(), text.train[1:].long()
    counts.index_put_((a, b), torch.tensor(1.0), accumulate=True)
    log2 = (counts / counts.sum(1, keepdim=True)).log2()
    a, b = text.test[:-1].long(), text.test[1:].long()
    return -log2[a, b].mean().item()
