"""What does a norm cost where one image or one token passes?

In use BatchNorm folds into the convolution before it. RMSNorm cannot:
its root mean square is known only when x is there. The same nets with one,
with the other and without a norm answer in turn, one image or one token
at a time, as they stand and compiled; "again" is the net without a norm
once more. No claim is decided here: it is a cited one, and the page prints
what was measured beside the count.

Scope: Six blocks of 64 channels on one 28×28 image, and eight blocks of a
Transformer of width 576, as a language model for phones has; one CPU.
"""

from collections.abc import Callable
from copy import deepcopy
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from ...records import Record, describe
from ...table import Table
from ..intervals import Interval, mean_interval
from ..nets.folded import fold_all, stack
from ..nets.transformer import BYTES, Transformer
from ..protocol import Config, Rows, Trial, Unit, part, seeds
from . import race

NETS = {
    "3×3": "3×3 convolutions", "depthwise": "depthwise and 1×1",
    "token": "one token of a Transformer",
}  # fmt: skip
EPS = 1e-5

trial = Trial(
    __name__, __doc__, source=("ioffe2015", "liu2024mobilellm"),
    grid={"net": list(NETS), "how": ["as it stands", "compiled"]},
    config={
        "channels": 64, "side": 28, "blocks": 6, "width": 576, "depth": 8,
        "repeats": 31, "seeds": 10,
    },
    live={"how": ["as it stands"], "side": 8, "width": 64, "depth": 2,
          "repeats": 3, "seeds": 2},
    gpu={"channels": 256, "side": 56, "depth": 30, "seeds": 20},
)  # fmt: skip


class PixelRMS(nn.Module):
    """RMSNorm of the channels of each pixel: x (N, C, H, W)."""

    def __init__(self, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        self.norm = nn.RMSNorm(norm.num_features, EPS)
        self.norm.weight = nn.Parameter(norm.weight.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        """Normalize; in memory the channels stand last."""
        return self.norm(x.movedim(1, -1)).movedim(-1, 1)


def nets(config: Config, kind: str, seed: int) -> dict[str, nn.Module]:
    """Return the same net by the norm it has."""
    if kind == "token":
        heads = max(1, config["width"] // 64)
        make = partial(
            Transformer, seed, length=1, heads=heads,
            **part(config, "width", "depth"),
        )  # fmt: skip
        none = make(norm=lambda D: nn.Identity())
        return {
            "none": none, "again": deepcopy(none),
            "RMSNorm": make(norm=lambda D: nn.RMSNorm(D, EPS)),
        }  # fmt: skip
    net = stack(seed, kind=kind, **part(config, "channels", "blocks"))
    rms = nn.Sequential(*(
        PixelRMS(layer) if isinstance(layer, nn.BatchNorm2d) else layer
        for layer in deepcopy(net)
    ))  # fmt: skip
    none = fold_all(net)
    return {
        "none": none, "again": deepcopy(none), "BatchNorm": net,
        "RMSNorm": rms,
    }  # fmt: skip


@trial.measure
@torch.inference_mode()
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Return a row a seed and norm: the seconds of one pass, a median."""
    torch.set_num_threads(1)
    last = {"memory_format": torch.channels_last}
    kind, rows = unit["net"], []
    ready: dict[str, Callable] = {}
    for seed in seeds(config):
        g = torch.Generator().manual_seed(seed)
        if kind == "token":
            x, layout = torch.randint(BYTES, (1, 1), generator=g), {}
        else:
            shape = (1, config["channels"], config["side"], config["side"])
            x, layout = torch.randn(shape, generator=g).to(**last), last
        x = x.to(device)
        for norm, net in nets(config, kind, seed).items():
            if norm not in ready:
                net = net.to(device, **layout).eval()
                if unit["how"] == "compiled":
                    net.compile(dynamic=False)
                ready[norm] = net
            # Compiled once: the weights of a seed go into the same net.
            ready[norm].load_state_dict(net.state_dict())
        laps = {norm: partial(net, x) for norm, net in ready.items()}
        for norm, own in race.run(laps, config["repeats"], device).items():
            took = race.digits(float(np.median(own)))
            rows.append({"seed": seed, "norm": norm, "seconds": took})
    return rows


@trial.reading
def share(record: Record, norm: str, net: str, how: str) -> Interval:
    """Per cent of a pass that a norm takes, over seeds."""
    with_it, none = (
        np.array(record.values("seconds", norm=each, net=net, how=how))
        for each in (norm, "none")
    )
    return mean_interval(list(100 * (1 - none / with_it)))


@trial.reading
def table(record: Record) -> Table:
    """Return a row a net: per cent of its time that each norm takes."""
    norms = ("again", "BatchNorm", "RMSNorm")
    rows = []
    for net in record.distinct("net"):
        for how in record.distinct("how"):
            have = record.distinct("norm", net=net, how=how)
            rows.append((f"{NETS[net]}, {how}", *(
                str(share(record, norm, net, how)) if norm in have else "–"
                for norm in norms
            )))  # fmt: skip
    head = ("% of the time", "none, again", *norms[1:])
    return Table(head, rows, describe(record))
