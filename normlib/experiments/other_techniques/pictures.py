"""Pictures whose channels change their mean and deviation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from matplotlib.figure import Figure

from ... import figures, reference
from ...data.photos import NAMES, photo
from ..arms import read
from ..nets import stylist
from . import style

SHRINK = 2  # the page shows photographs of 213×320


def moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and deviation of each channel of (3, H, W): (3,) each."""
    return x.mean((1, 2)), x.std((1, 2))


def restyled(x: np.ndarray, style: np.ndarray) -> np.ndarray:
    """Give x (3, H, W) the mean and deviation of each channel of `style`:
    instance norm whose β and γ are another picture's (AdaIN).
    """
    beta, gamma = moments(style)
    y, _ = reference.instance_norm_forward(x[None], gamma, beta, eps=0)
    return y[0]


def gram(x: np.ndarray) -> np.ndarray:
    """Return Σ x xᵀ/m over the m positions: (C, C) of (C, H, W)."""
    flat = x.reshape(len(x), -1)
    return flat @ flat.T / flat.shape[1]


def beside() -> Figure:
    """Draw both photographs, and each with the other's moments."""
    one, two = (photo(name, SHRINK) for name in NAMES)
    return gallery({
        "pavilion": one, "flower": two,
        "pavilion as flower": restyled(one, two),
        "flower as pavilion": restyled(two, one),
    }, height=2.15)  # fmt: skip


def redrawn(side: int = 96) -> Figure:
    """Draw a piece of the flower that no stylist saw, a piece of the manner
    that they learnt, and what two make of it, each at its best rate.
    """
    record = style.trial.record()
    config, to = record.config, style.MANNERS[0]
    seed = config["first_seed"]
    x, manner = (
        stylist.pictures(name, part, 1, size, np.random.default_rng(seed))
        for name, part, size in (
            ("flower", "test", side), (to, "train", 2 * config["side"])
        )
    )  # fmt: skip
    shown = {"a piece that none saw": x[0], "of the manner": manner[0]}
    for norm in ("batch", "instance"):
        arm = read(
            record, "test_loss", by="val_loss", log=True,
            net=style.NETS[0], norm=norm, to=to,
        )  # fmt: skip
        make = partial(
            stylist.Stylist, norm=norm, side=config["side"],
            width=config["width"],
        )  # fmt: skip
        nets, _ = stylist.trained(
            config, make, [(arm.rates[arm.chosen], seed)], "cpu", to
        )
        with torch.no_grad():
            y = nets(x[None], training=False)[0, 0]
        shown[f"by {figures.name(norm)}"] = y
    return gallery(
        {k: (np.asarray(v) + 1) / 2 for k, v in shown.items()}, height=2.9
    )


def gallery(shown: dict[str, np.ndarray], height: float) -> Figure:
    """Draw four pictures (3, H, W), two in a row, from 0 to 1."""
    fig, axes = figures.grid(2, 2, height=height, sharex=False)
    fig.set_dpi(110)  # photographs are large in a notebook
    fig.patch.set_alpha(0)  # and stand on a light page and on a dark one
    for ax, (name, x) in zip(axes.flat, shown.items(), strict=True):
        ax.imshow(x.transpose(1, 2, 0).clip(0, 1))
        ax.set_title(name, color="#767676")
        ax.axis("off")
    return figures.finish(fig)


def droplet(M: float, m: int = 1024) -> float:
    """Return the deviation of m − 1 numbers behind instance norm, beside
    one that is M, where theirs was 1 before.
    """
    rest = np.random.default_rng(0).normal(size=m - 1)
    rest = (rest - rest.mean()) / rest.std()
    x = np.concatenate([[M], rest]).reshape(1, 1, m)
    y = reference.instance_norm_forward(x, None, None, eps=0)[0]
    return y[0, 0, 1:].std()


def _in_a_batch(x: np.ndarray, other: np.ndarray) -> np.ndarray:
    both = np.concatenate([x, other])
    return reference.batch_norm_forward(both, None, None, eps=0)[0][:1]


# Each maps a picture (1, C, H, W), beside another, to what is made of it.
NORMS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "BatchNorm": _in_a_batch,
    "LayerNorm": lambda x, _: reference.layer_norm_forward(
        x, None, None, axis=1, eps=0
    )[0],
    "InstanceNorm": lambda x, _: reference.instance_norm_forward(
        x, None, None, eps=0
    )[0],
}
